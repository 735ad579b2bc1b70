'use strict';

(function () {
  const ENDPOINT = '/graphql';
  const FIRST_QUERY = '/graphql/assets/first-query.graphql';

  // One POST per operation; the answer is a single JSON document, whatever its
  // HTTP status. An answer that is not JSON is shown as a GraphQL error.
  async function fetcher(params, options) {
    const response = await fetch(ENDPOINT, {
      method: 'POST',
      credentials: 'same-origin',
      headers: {
        Accept: 'application/graphql-response+json, application/json',
        'Content-Type': 'application/json',
        ...(options && options.headers),
      },
      body: JSON.stringify(params),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      const status = `${response.status} ${response.statusText}`.trim();
      const body = text.trim().slice(0, 500);
      return {
        errors: [{ message: body ? `HTTP ${status}: ${body}` : `HTTP ${status}` }],
      };
    }
  }

  async function firstQuery() {
    try {
      const response = await fetch(FIRST_QUERY, { credentials: 'same-origin' });
      return response.ok ? (await response.text()).trim() : '';
    } catch {
      return '';
    }
  }

  async function start() {
    const root = document.getElementById('explorer');
    if (!window.React || !window.ReactDOM || !window.GraphiQL) {
      const line = document.createElement('p');
      line.className = 'explorer-failure';
      line.textContent = 'The explorer could not be loaded.';
      root.append(line);
      return;
    }
    const { React, ReactDOM, GraphiQL } = window;
    const query = await firstQuery();
    ReactDOM.createRoot(root).render(
      React.createElement(
        GraphiQL,
        { fetcher, defaultQuery: query || undefined },
        React.createElement(GraphiQL.Logo, null, 'Pomost – explorer'),
      ),
    );
  }

  start();
})();
