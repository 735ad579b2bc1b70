"""Strategies of schemathesis for the custom scalars."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

TEXTS = st.text(max_size=40)
FIRST_CURSOR = "Y2hhbmdlOjA"

DATES = st.dates().map(str)
VALUES = {
    "ChangeCursor": TEXTS | st.just(FIRST_CURSOR),
    "MapInput": TEXTS,
    "PartialDateInput": TEXTS | DATES | st.integers(1000, 2100).map(str),
    "TextInput": TEXTS,
}

for name, values in VALUES.items():
    schemathesis.graphql.scalar(name, values.map(nodes.String))
