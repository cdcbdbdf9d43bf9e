"""What companies write all day, made by rule: tickets, logs, minutes and lists of parts; nobody is named.

No line names a person, a place, a firm or a number that is somebody's. Dates and times stand in some, marked
by `{day}` and `{time}`, and are counted apart. In a line `{part}` and its like are one of the words, and the
rest is what `company` makes: `{n}` small numbers, `{id}` long ones, codes, prices. All of these were looked
at; what nobody tunes on stands in `company_unseen`.
"""
