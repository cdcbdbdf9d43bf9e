from workers import offline

offline.silence()
