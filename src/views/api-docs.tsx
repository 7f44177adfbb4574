/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

type JsonSchema = { [keyword: string]: unknown };

type Content = Record<
  string,
  { schema: JsonSchema; examples?: Record<string, { summary: string; value: unknown }> }
>;

export interface ApiOperation {
  path: string;
  method: string;
  operationId: string;
  tags: readonly string[];
  summary: string;
  description?: string;
  parameters?: readonly { name: string; in: string; description: string }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** The parts of an OpenAPI document that the page shows. */
export interface ApiDocsProps {
  description: string;
  /** What the model learned from, as a whole sentence. */
  provenance: string;
  tags: readonly { name: string; description: string }[];
  operations: readonly ApiOperation[];
  schemas: Record<string, JsonSchema>;
}

/** The API as a page to be read: no script, nothing from elsewhere. */
export function ApiDocs({ description, provenance, tags, operations, schemas }: ApiDocsProps) {
  return (
    <article class="api-docs">
      <header>
        <h1>The API</h1>
        <p class="lead">
          {description} The same as <a href="/openapi.json">OpenAPI 3.1</a>.
        </p>
        <p class="note provenance">{provenance}</p>
      </header>
      <div class="cards">
        {tags.map((tag) => (
          <section class="card wide">
            <h2>{tag.name}</h2>
            <p>{tag.description}</p>
            {operations
              .filter((operation) => operation.tags.includes(tag.name))
              .map((operation) => (
                <Operation {...operation} />
              ))}
          </section>
        ))}
        <section class="card wide">
          <h2>Schemas</h2>
          {Object.entries(schemas).map(([name, schema]) => (
            <details id={`schema-${name}`}>
              <summary>{name}</summary>
              <Properties schema={schema} />
            </details>
          ))}
        </section>
      </div>
    </article>
  );
}

function Operation(operation: ApiOperation) {
  const {
    path,
    method,
    operationId,
    summary,
    description,
    parameters = [],
    requestBody,
    responses,
  } = operation;
  return (
    <details id={operationId}>
      <summary>
        <code>
          {method.toUpperCase()} {path}
        </code>{' '}
        {summary}
      </summary>
      {description && (
        <p>
          <Words text={description} />
        </p>
      )}
      {parameters.length > 0 && (
        <ul>
          {parameters.map((parameter) => (
            <li>
              <code>{parameter.name}</code> ({parameter.in}): <Words text={parameter.description} />
            </li>
          ))}
        </ul>
      )}
      {requestBody && (
        <div class="exchange">
          <h3>Request</h3>
          <div>
            <Body content={requestBody.content} />
          </div>
        </div>
      )}
      {Object.entries(responses).map(([status, response]) => (
        <div class="exchange">
          <h3>{status}</h3>
          <div>
            <p>
              <Words text={response.description} />
            </p>
            <Body content={response.content ?? {}} />
          </div>
        </div>
      ))}
    </details>
  );
}

/** What stands between backticks, as Markdown has it, is code. */
function Words({ text }: { text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 0 ? part : <code>{part}</code>))}</>;
}

function Body({ content }: { content: Content }) {
  return (
    <>
      {Object.entries(content).map(([type, { schema, examples = {} }]) => (
        <>
          <p>
            <code>{type}</code>: <Type schema={schema} />
          </p>
          {Object.values(examples).map(({ summary, value }) => (
            <details class="numbers">
              <summary>{summary}</summary>
              {/* It scrolls by itself, by keyboard too. */}
              <pre tabindex={0}>
                <code>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</code>
              </pre>
            </details>
          ))}
        </>
      ))}
    </>
  );
}

function Properties({ schema }: { schema: JsonSchema }) {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set((schema.required ?? []) as string[]);
  return (
    <dl class="facts">
      {properties.map(([name, property]) => (
        <div>
          <dt>
            <code>{name}</code>
            {required.has(name) ? '' : ' (optional)'}
          </dt>
          <dd>
            <Type schema={property} />
            {property.title || property.description ? `: ${property.title ?? property.description}` : ''}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A schema in a few words, with links to the named ones. */
function Type({ schema }: { schema: JsonSchema }): Child {
  const { $ref, type, items, minimum, maximum } = schema;
  const branches = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1);
    return <a href={`#schema-${name}`}>{name}</a>;
  }
  if (branches !== undefined) {
    return (
      <>
        {branches.map((branch, i) => (
          <>
            {i > 0 && ' or '}
            <Type schema={branch} />
          </>
        ))}
      </>
    );
  }
  if (type === 'array' && items !== undefined) {
    return (
      <>
        list of <Type schema={items as JsonSchema} />
      </>
    );
  }
  const values = (schema.enum ?? (schema.const === undefined ? undefined : [schema.const])) as unknown[];
  if (values !== undefined) return <>{values.map((value) => JSON.stringify(value)).join(', ')}</>;
  const isBounded = minimum !== undefined && maximum !== undefined;
  return (
    <>
      {String(type ?? 'anything')}
      {isBounded && ` from ${String(minimum)} to ${String(maximum)}`}
    </>
  );
}
