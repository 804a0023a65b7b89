"""会议: who was due, who was present, how hands were counted, the minutes and the evidence."""
