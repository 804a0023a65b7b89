"""Uploaders: under which openid WeChat knows an account, as identity has told it."""
