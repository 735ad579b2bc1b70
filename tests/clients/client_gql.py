"""Python's gql over its three transports: requests, aiohttp and websockets."""

import asyncio
import os

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

POMOST, TRANSPORTS = os.environ["POMOST_URL"], os.environ["TRANSPORTS_URL"]

PAGE = """query Page($first: Int!, $after: String) {
  cities(first: $first, after: $after) { nodes { slug } pageInfo { hasNextPage endCursor } }
}"""


def socket(url):
    return WebsocketsTransport(url=url.replace("http", "ws") + "/ws", subprotocols=["graphql-transport-ws"])


def page(after):
    request = gql(PAGE)
    request.variable_values = {"first": 3, "after": after}
    return request


def end(cities):
    return cities["pageInfo"]["endCursor"] if cities["pageInfo"]["hasNextPage"] else None


def reads_and_pages_with_the_schema():
    # The schema is fetched by introspection, and every query is validated against it before it is sent.
    client = Client(transport=RequestsHTTPTransport(url=POMOST), fetch_schema_from_transport=True)
    slugs, after = [], None
    while True:
        cities = client.execute(page(after))["cities"]
        slugs += [city["slug"] for city in cities["nodes"]]
        after = end(cities)
        if after is None:
            break
    assert len(slugs) > 3 and len(set(slugs)) == len(slugs), slugs
    try:
        client.execute(gql("{ cities(first: -1) { nodes { slug } } }"))
        raise AssertionError("a page of -1 was answered")
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "BAD_USER_INPUT", error


async def reads(transport):
    async with Client(transport=transport) as session:
        answer = await session.execute(gql("{ homeCity { slug } }"))
        assert answer["homeCity"]["slug"] == "jastrzebie-zdroj", answer


async def subscribes():
    async with Client(transport=socket(TRANSPORTS)) as session:
        counted = [answer["count"] async for answer in session.subscribe(gql("subscription { count(to: 3) }"))]
        assert counted == [1, 2, 3], counted


reads_and_pages_with_the_schema()
asyncio.run(reads(AIOHTTPTransport(url=POMOST)))
asyncio.run(reads(socket(POMOST)))
asyncio.run(subscribes())
