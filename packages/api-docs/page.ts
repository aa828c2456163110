/** Both documents as one page, without a script and without files of other sites. */
import { asyncApiDocument } from './asyncapi.ts';
import { type Html, html, sentence } from './html.ts';
import { openApiDocument, operationIdOf } from './openapi.ts';
import { groups, type RouteDescription } from './route.ts';
import { routes } from './routes.ts';
import type { JsonObject } from './schemas.ts';
import { shapeOf } from './shape.ts';

type Objects = Record<string, JsonObject>;

export function docsPage(): string {
  const [openApi, asyncApi] = [openApiDocument(), asyncApiDocument()];
  const schemas = { ...schemasOf(asyncApi), ...schemasOf(openApi) };
  const sections = groups.map((group) => ({ id: group.toLowerCase(), title: group }));
  const all = [
    ...sections,
    { id: 'socket', title: 'Socket' },
    { id: 'topics', title: 'Topics' },
    { id: 'shapes', title: 'Shapes' },
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · Tidings</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">Tidings</a>
<nav aria-label="Contents"><ul>${all.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav></header>
<main id="main" tabindex="-1">
<h1>API</h1>
<p class="lead">Every address, every event of the socket and every topic of this server. For programs:
<a href="/docs/openapi.json">OpenAPI</a> and <a href="/docs/asyncapi.json">AsyncAPI</a>. Errors are problem documents: <a href="#schema-Problem">Problem</a>.</p>
${groups.map((group) => routeSection(group, openApi.paths as Record<string, Objects>))}
${socketSection(channelsOf(asyncApi).socket ?? {})}
${topicSection(channelsOf(asyncApi))}
<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2>
${Object.entries(schemas).map(([name, schema]) => html`<article><h3 id="schema-${name}">${name}</h3>${shape(name, schema)}</article>`)}</section>
</main>
</body>
</html>
`;
  return page.text;
}

function schemasOf({ components }: JsonObject): Objects {
  return (components as { schemas: Objects }).schemas;
}

function channelsOf({ channels }: JsonObject): Record<string, JsonObject> {
  return channels as Objects;
}

/** Long shapes scroll sideways, so they can be reached by keyboard. */
function shape(label: string, schema: JsonObject): Html {
  return html`<pre tabindex="0" role="region" aria-label="${label}"><code>${shapeOf(schema)}</code></pre>`;
}

function routeSection(group: string, paths: Record<string, Objects>): Html {
  const own = routes.filter((route) => route.group === group);
  return html`<section aria-labelledby="${group.toLowerCase()}"><h2 id="${group.toLowerCase()}">${group}</h2>
${own.map((route) => routeArticle(route, paths[route.path]?.[route.method] ?? {}))}</section>`;
}

function routeArticle(route: RouteDescription, operation: JsonObject): Html {
  const id = operationIdOf(route);
  const { parameters, requestBody, responses } = operation as {
    parameters: readonly JsonObject[];
    requestBody?: JsonObject;
    responses: Objects;
  };
  const tokens = [...(route.isOpen || route.tokens.length === 0 ? ['none'] : []), ...route.tokens];
  return html`<article><h3 id="${id}"><span class="method ${route.method}">${route.method.toUpperCase()}</span> <code>${route.path}</code></h3>
<p>${sentence(route.summary)}</p>
<p class="soft">Token: ${tokens.map((token) => html`<span class="token">${token}</span> `)}</p>
${parameters.length === 0 ? html`` : parameterTable(id, parameters)}
${requestBody === undefined ? html`` : contents('Body', id, requestBody)}
<dl>${Object.entries(responses).map(([status, answer]) => answerItem(id, status, answer))}</dl></article>`;
}

function parameterTable(id: string, parameters: readonly JsonObject[]): Html {
  return html`<div class="table" tabindex="0" role="region" aria-label="Parameters of ${id}"><table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">What it takes</th></tr></thead>
<tbody>${parameters.map(
    ({ name, in: place, schema, description }) =>
      html`<tr><th scope="row"><code>${String(name)}</code></th><td>${String(place)}</td>
<td>${place === 'header' ? html`` : shapeOf(schema as JsonObject)} ${description === undefined ? html`` : sentence(String(description))}</td></tr>`,
  )}</tbody></table></div>`;
}

function answerItem(id: string, status: string, answer: JsonObject): Html {
  const isProblem = JSON.stringify(answer.content ?? {}).includes('problem+json');
  return html`<dt>${status}</dt><dd>${sentence(String(answer.description))}${isProblem ? html`` : contents(`Answer ${status}`, id, answer)}</dd>`;
}

function contents(title: string, id: string, { content = {} }: JsonObject): Html {
  return html`${Object.entries(content as Objects).map(
    ([type, media]) =>
      html`<p class="soft">${title}, <code>${type}</code></p>${hasShape(media) ? shape(`${title} of ${id}`, media.schema as JsonObject) : html``}`,
  )}`;
}

/** Neither text nor bytes. */
function hasShape({ schema }: JsonObject): boolean {
  return schema !== undefined && (schema as JsonObject).type !== 'string';
}

function socketSection({ messages = {} }: JsonObject): Html {
  const all = Object.entries(messages as Objects);
  return html`<section aria-labelledby="socket"><h2 id="socket">Socket</h2>
<p>Socket.IO 4 at <code>/socket.io/</code>.</p>
${all.map(
  ([name, { summary, payload }]) =>
    html`<article><h3><code>${name}</code></h3><p>${sentence(String(summary))}</p>${shape(name, payload as JsonObject)}</article>`,
)}</section>`;
}

function topicSection(channels: Record<string, JsonObject>): Html {
  const topics = Object.entries(channels).filter(([name]) => name !== 'socket');
  return html`<section aria-labelledby="topics"><h2 id="topics">Topics</h2>
<p>Of the log, which at scale is Kafka.</p>
${topics.map(([name, { description, messages }]) => {
  const { record } = messages as { record: JsonObject };
  const { key } = (record.bindings as { kafka: { key: { description: string } } }).kafka;
  return html`<article><h3><code>${name}</code></h3><p>${sentence(String(description))} ${sentence(`The key ${key.description.replace(/^Is/, 'is')}`)}</p>
${record.headers === undefined ? html`` : shape(`Headers of ${name}`, record.headers as JsonObject)}
${record.payload === undefined ? html`` : shape(`Value of ${name}`, record.payload as JsonObject)}</article>`;
})}</section>`;
}
