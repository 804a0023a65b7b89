"""The transcript: what happens, in Chinese for the neighbours and in English for the guests."""

from dataclasses import dataclass, field

from rich.console import Console


@dataclass
class Teller:
    """Prints lines as they happen and keeps them."""

    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    lines: list[str] = field(default_factory=list)

    def chapter(self, chinese: str, english: str) -> None:
        """Begin a journey."""
        self._print(f"\n[bold]{chinese}[/bold] · {english}", f"\n{chinese} · {english}")

    def tell(self, chinese: str, english: str) -> None:
        """Tell one step."""
        self._print(f"  {chinese}\n    [dim]{english}[/dim]", f"  {chinese}\n    {english}")

    def quote(self, text: str) -> None:
        """Show what the system itself wrote, line by line."""
        for line in text.splitlines():
            self._print(f"    [dim]│[/dim] {line}", f"    │ {line}")

    def _print(self, styled: str, plain: str) -> None:
        self.lines.append(plain)
        self.console.print(styled)
