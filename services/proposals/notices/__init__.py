"""公示: days, objections and answers; complete only by rule."""
