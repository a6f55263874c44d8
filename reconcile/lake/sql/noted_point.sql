-- One point is noted, whatever it shows.
FROM judged
