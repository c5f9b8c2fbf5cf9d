"""What one release of a library holds, one entry for each public name."""

from dataclasses import dataclass, field

from lintml.torch_api.table import Version


@dataclass(slots=True)
class Entry:
    """A public name of one release; ``alias`` is the canonical path it stands for, if it is not that itself.

    ``weak`` says that the signatures come from a docstring, which compiled functions need not keep to; ``open`` that
    there are members which no source tells.
    """

    kind: str
    alias: str = ""
    bases: tuple[str, ...] = ()
    open: bool = False
    signatures: tuple[str, ...] = ()
    weak: bool = False
    native: bool = False
    raises: str = ""
    deprecated: str = ""


@dataclass(slots=True)
class Release:
    """All entries of one release by (namespace, name), and the names each namespace binds without meaning to."""

    number: Version
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)
    incidental: dict[str, set[str]] = field(default_factory=dict)

    def find(self, key: tuple[str, str]) -> Entry | None:
        """An entry, its class's bases included: a method that once was a class's own may now be inherited."""
        namespace, name = key
        if key in self.entries:
            return self.entries[key]
        parent, _, owner = namespace.rpartition(".")
        holder = self.entries.get((parent, owner))
        if holder and holder.alias and holder.alias != namespace:
            return self.find((holder.alias, name)) if holder.kind == "class" else None
        bases = holder.bases if holder and holder.kind == "class" else ()
        return next((e for base in bases if base != namespace and (e := self.find((base, name)))), None)

    def binds(self, key: tuple[str, str]) -> bool:
        """Whether a name is bound without being meant, or may be: nobody read the members of what holds it."""
        namespace, name = key
        parent, _, owner = namespace.rpartition(".")
        holder = self.entries.get((parent, owner))
        unread = holder.open if holder else owner in self.incidental.get(parent, ())
        return unread or name in self.incidental.get(namespace, ())
