"""How far a name is from another that may be meant."""


def edits(one: str, other: str) -> int:
    """How many letters must be changed, added, left out, or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row, older = row, [i], before
        for j, b in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        before = last
    return row[-1]


def within_edits(one: str, other: str, limit: int) -> bool:
    """Whether a name is no more than so many edits from another; most are not, and their lengths tell."""
    return abs(len(one) - len(other)) <= limit and edits(one, other) <= limit
