// SPDX-License-Identifier: Apache-2.0
// One value of a field, to be read.
import type { Field } from '@/api/kinds';
import { labelText, useSchemaTexts, valueText } from '@/texts/schema';
import { formatDecimal } from '@/ui/decimal';
import {
  countryName,
  formatAgo,
  formatBool,
  formatDate,
  formatDuration,
  formatInstant,
  formatInstantLong,
  formatMeasure,
  formatMoney,
  formatNumber,
  formatPercent,
  languageName,
  type Money,
  useForms,
} from '@/ui/format';
import { Tag } from '@/ui/light';
import { choiceText } from './choice';
import classes from './Field.module.css';
import { Reference } from './Reference';
import { elementShape, labelOf, type Shape, shapeOf } from './shape';

const isEmpty = (value: unknown) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** States are told apart by colour, the same everywhere; values that an administrator added get one by their place. */
// biome-ignore format: a table is read by the row
const known: Record<string, string> = {
  open: 'indigo', won: 'teal', lost: 'gray', new: 'indigo', pending: 'yellow', waiting: 'yellow', resolved: 'teal',
  closed: 'gray', done: 'teal', low: 'gray', normal: 'blue', high: 'orange', urgent: 'red', offered: 'yellow',
  accepted: 'teal', refused: 'red', withdrawn: 'gray', active: 'teal', draft: 'gray', running: 'indigo',
  failed: 'red', ended: 'teal', cancelled: 'gray', person: 'blue', organization: 'violet', overdue: 'red',
  planned: 'blue', finished: 'gray', reopened: 'orange', critical: 'red',
};
const others = ['blue', 'grape', 'cyan', 'lime', 'orange', 'pink', 'violet', 'teal'];

export const colorOf = (name: string, values: readonly string[] = []): string =>
  known[name] ?? others[Math.max(0, values.indexOf(name)) % others.length] ?? 'gray';

export function EnumBadge({ field, name }: { field: Field; name: string }) {
  useSchemaTexts();
  return <Tag color={colorOf(name, field.values)}>{choiceText(field, name)}</Tag>;
}

/** As plain text: for exports to a toast, a title, an aria-label. */
export function valueAsText(field: Field, value: unknown): string {
  if (isEmpty(value)) return '';
  if (Array.isArray(value)) return value.map((one) => elementText(field, one)).join(', ');
  return elementText(field, value);
}

function elementText(field: Field, value: unknown): string {
  const shape = elementShape(field);
  switch (shape) {
    case 'bool':
      return formatBool(value === true);
    case 'number':
      return formatNumber(Number(value));
    case 'decimal':
      return formatDecimal(String(value), field.scale ?? 0);
    case 'percent':
      return formatPercent(Number(value));
    case 'measure':
      return formatMeasure(Number(value), field.meaning ?? '');
    case 'enum':
      return choiceText(field, String(value));
    case 'instant':
      return formatInstant(String(value));
    case 'date':
      return formatDate(String(value));
    case 'duration':
      return formatDuration(Number(value));
    case 'money':
      return formatMoney(value as Money);
    case 'country':
      return countryName(String(value));
    case 'language':
      return languageName(String(value));
    case 'kind':
      return valueText(String(value));
    case 'object':
      return objectText(field, value as Record<string, unknown>);
    default:
      return String(value);
  }
}

/** What of an object says most: its key, or its parts one behind the other. */
function objectText(field: Field, value: Record<string, unknown>): string {
  const key = field.key && value[field.key];
  if (key && field.fields && field.fields.length <= 3) return String(key);
  return (field.fields ?? [])
    .filter((part) => !isEmpty(value[part.name]) && part.type !== 'bool')
    .map((part) => partText(part, value[part.name]))
    .join(', ');
}

/** What is said beside whom an element names: the role, and that it is over. */
function besideText(field: Field, value: Record<string, unknown>): string {
  const words = (field.fields ?? [])
    .filter((part) => part.name !== field.key && !isEmpty(value[part.name]) && value[part.name] !== false)
    .map((part) => (part.type === 'bool' ? labelText(labelOf(part)) : valueAsText(part, value[part.name])));
  return words.length ? ` (${words.join(', ')})` : '';
}

/** A number or a moment does not say of itself what it is. */
function partText(part: Field, value: unknown): string {
  const text = valueAsText(part, value);
  const bare = ['number', 'decimal', 'percent', 'measure', 'instant', 'date', 'duration'].includes(
    elementShape(part),
  );
  return bare ? `${labelText(labelOf(part))} ${text}` : text;
}

function Instant({ value, dateOnly }: { value: string; dateOnly: boolean }) {
  return (
    <time
      dateTime={value}
      title={dateOnly ? formatDate(value) : formatInstantLong(value)}
      className={classes.text}
    >
      {Math.abs(Date.now() - new Date(value).getTime()) < 45 * 86_400_000 && !dateOnly
        ? formatAgo(value)
        : formatDate(value)}
    </time>
  );
}

interface OneProps {
  field: Field;
  value: unknown;
  shape: Shape;
  plain: boolean;
}

function One({ field, value, shape, plain }: OneProps) {
  switch (shape) {
    case 'enum':
      return <EnumBadge field={field} name={String(value)} />;
    case 'reference':
      return <Reference plural={field.reference ?? ''} id={String(value)} plain={plain} />;
    case 'instant':
    case 'date':
      return <Instant value={String(value)} dateOnly={shape === 'date'} />;
    case 'email':
    case 'phone':
    case 'url':
      return plain ? (
        <span className={classes.text}>{String(value)}</span>
      ) : (
        <a
          className={classes.address}
          href={`${shape === 'email' ? 'mailto:' : shape === 'phone' ? 'tel:' : ''}${safeUrl(shape, String(value))}`}
          {...(shape === 'url' ? { target: '_blank', rel: 'noreferrer' } : {})}
        >
          {String(value)}
        </a>
      );
    default:
      return <span className={classes.text}>{elementText(field, value)}</span>;
  }
}

/** A page's address may be anything that somebody typed: only these lead anywhere. */
const safeUrl = (shape: Shape, value: string) =>
  shape === 'url' && !/^https?:\/\//i.test(value)
    ? `https://${value.replace(/^[a-z][a-z0-9+.-]*:/i, '')}`
    : value;

interface ValueProps {
  field: Field;
  value: unknown;
  /** Without links of its own. */
  plain?: boolean;
  /** All lines of a long text. */
  whole?: boolean;
}

export function Value({ field, value, plain = false, whole = false }: ValueProps) {
  useForms();
  useSchemaTexts();
  if (isEmpty(value)) return null;
  const shape = shapeOf(field);
  if (shape === 'paragraphs')
    return <span className={whole ? classes.whole : classes.text}>{String(value)}</span>;
  if (shape === 'object' && whole) return <span className={classes.whole}>{elementText(field, value)}</span>;
  if (!Array.isArray(value)) return <One field={field} value={value} shape={shape} plain={plain} />;
  const inner = elementShape(field);
  if (inner === 'text' || inner === 'enum')
    return (
      <span className={classes.set} data-whole={whole || undefined}>
        {value.map((one) => (
          <Tag key={String(one)} color="gray">
            {inner === 'enum' ? choiceText(field, String(one)) : String(one)}
          </Tag>
        ))}
      </span>
    );
  const shown = field.key && field.fields?.find((part) => part.name === field.key);
  return (
    <span className={whole ? classes.stack : classes.text} title={labelText(labelOf(field))}>
      {value.map((one, index) => (
        <span key={shown ? String((one as Record<string, unknown>)[shown.name]) : String(one)}>
          {index > 0 && !whole && ', '}
          {inner === 'object' && shown && (field.fields?.length ?? 0) <= 3 ? (
            <>
              <One
                field={shown}
                value={(one as Record<string, unknown>)[shown.name]}
                shape={elementShape(shown)}
                plain={plain}
              />
              {shown.reference && besideText(field, one as Record<string, unknown>)}
            </>
          ) : (
            <One field={field} value={one} shape={inner} plain={plain} />
          )}
        </span>
      ))}
    </span>
  );
}

export { isEmpty };
