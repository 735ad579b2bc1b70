"""How schemathesis makes values of the scalars that it does not know."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

TEXTS = st.text(max_size=40)
FIRST_CURSOR = "Y2hhbmdlOjA"

for name, values in {"ChangeCursor": TEXTS | st.just(FIRST_CURSOR), "TextInput": TEXTS, "MapInput": TEXTS}.items():
    schemathesis.graphql.scalar(name, values.map(nodes.String))
