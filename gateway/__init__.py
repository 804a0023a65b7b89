"""The only public door: routes, tokens, limits, streaming proxy, one OpenAPI document. No business rule, no database."""
