// Types of the REST interface from its OpenAPI document, in the form that openapi-fetch wants. Our own, because the
// generators there are need the compiler's JavaScript interface, which TypeScript 7 no longer has. Pure.

interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  readonly schema: Shape;
}

type Content = Readonly<Record<string, { readonly schema: Shape }>>;

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> };
}

const HEADER = `// Written by \`npm run generate\` from docs/openapi.json; changes made here are lost.
/* biome-ignore-all lint: generated */
`;
const WHERE = ['query', 'header', 'path', 'cookie'] as const;

const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`;
const keyOf = (key: string) => (/^[A-Za-z_]\w*$/.test(key) ? key : quoted(key));
const indented = (text: string) => text.replace(/\n/g, '\n  ');

function block(lines: readonly string[]): string {
  return lines.length === 0 ? '{}' : `{\n${lines.map((line) => `  ${indented(line)}`).join('\n')}\n}`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function primitive(type: string | undefined, shape: Shape): string {
  if (type === 'string' || type === 'boolean' || type === 'null') return type;
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'array') {
    const item = typeOf(shape.items ?? {});
    return / \| |\{/.test(item) ? `Array<${item}>` : `${item}[]`;
  }
  if (type !== 'object') return 'unknown';
  const { properties = {}, required = [], additionalProperties } = shape;
  const isOpen = additionalProperties !== false && additionalProperties !== undefined;
  const rest = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  const fields = Object.entries(properties).map(
    ([key, of]) => `${keyOf(key)}${required.includes(key) ? '' : '?'}: ${typeOf(of)};`,
  );
  if (fields.length === 0) return isOpen ? `Record<string, ${rest}>` : 'Record<string, never>';
  return block(isOpen ? [...fields, '[field: string]: unknown;'] : fields);
}

function typeOf(shape: Shape): string {
  if (shape.$ref) return `components['schemas'][${quoted(shape.$ref.split('/').at(-1) ?? '')}]`;
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (shape.enum) return shape.enum.map(literal).join(' | ');
  if ('const' in shape) return literal(shape.const);
  const types = [shape.type].flat() as (string | undefined)[];
  return types.map((type) => primitive(type, shape)).join(' | ');
}

function contentOf(content: Content): string {
  return block(Object.entries(content).map(([type, { schema }]) => `${quoted(type)}: ${typeOf(schema)};`));
}

function operation({ parameters = [], requestBody, responses }: Operation): string {
  const where = WHERE.map((place) => {
    const own = parameters.filter((parameter) => parameter.in === place);
    if (own.length === 0) return `${place}?: never;`;
    const fields = own.map(({ name, required, schema }) => `${keyOf(name)}${required ? '' : '?'}: ${typeOf(schema)};`);
    return `${place}${own.some(({ required }) => required) ? '' : '?'}: ${block(fields)};`;
  });
  const answers = Object.entries(responses).map(([status, { content }]) => {
    const body = content ? contentOf(content) : '{}';
    return `${status}: ${block(['headers: Record<string, unknown>;', `content: ${body};`])};`;
  });
  const body = requestBody
    ? `requestBody${requestBody.required ? '' : '?'}: ${block([`content: ${contentOf(requestBody.content)};`])};`
    : 'requestBody?: never;';
  return block([`parameters: ${block(where)};`, body, `responses: ${block(answers)};`]);
}

const METHODS = ['get', 'put', 'post', 'delete'] as const;

/** Text of clients/sdk/generated/api.ts. */
export function generateSdk(openapi: string): string {
  const document = JSON.parse(openapi) as Document;
  const paths = Object.entries(document.paths).map(([path, methods]) => {
    const lines = METHODS.flatMap((method) => {
      const found = methods[method];
      if (!found) return [`${method}?: never;`];
      return [`/** ${found.summary ?? found.operationId} */`, `${method}: ${operation(found)};`];
    });
    return `${quoted(path)}: ${block(lines)};`;
  });
  const schemas = Object.entries(document.components.schemas).map(([name, shape]) => `${name}: ${typeOf(shape)};`);
  const components = block([`schemas: ${block(schemas)};`]);
  return `${HEADER}\nexport interface paths ${block(paths)}\n\nexport interface components ${components}\n`;
}
