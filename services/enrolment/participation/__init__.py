"""Participation: Work Groups, the schools in them and the teachers in their advocate slots.

One school, whatever number it has had, takes part once in a programme and school year; it sends as many
advocates as the group's policy has slots; a teacher holds one slot in a programme and year. Whoever loses
the race for the last place is told so. What a hub reports out of turn waits for what it names.
"""
