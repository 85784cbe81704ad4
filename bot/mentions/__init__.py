"""What opens a mention, what answers it, working time and the ladder: pure functions of data and an instant."""
