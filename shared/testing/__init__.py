"""Pytest plugins for every service's tests: real servers, signed-in clients, a clock that obeys, one community per test."""
