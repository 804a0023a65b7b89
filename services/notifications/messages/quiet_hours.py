"""Quiet hours: nobody's telephone rings at night because a claim was posted."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from shared.kernel.clock import CHINA


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end` by the clock on the wall in China; past midnight when start is later than end.

    Equal times mean no quiet hours at all.
    """

    start: time = time(21, 0)
    end: time = time(8, 0)

    def contains(self, moment: datetime) -> bool:
        """Tell whether it is quiet at this moment; the start is quiet, the end no longer is."""
        clock = moment.astimezone(CHINA).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def earliest_send(self, moment: datetime) -> datetime:
        """Return the moment itself, or the end of the quiet hours it falls into."""
        if not self.contains(moment):
            return moment
        local = moment.astimezone(CHINA)
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        if end <= local:
            end += timedelta(days=1)
        return end.astimezone(moment.tzinfo)
