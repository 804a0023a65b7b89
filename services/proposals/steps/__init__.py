"""步骤: how a step of a running process is done: a meeting, a round or a notice, and its completion."""
