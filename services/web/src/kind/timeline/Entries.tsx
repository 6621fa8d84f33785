// SPDX-License-Identifier: Apache-2.0
// Entries of a timeline, day by day: what was said, and what the departments did.
import { Badge, Group, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type Field, useKinds } from '@/api/kinds';
import { departments } from '@/app/area';
import { useTexts as useShellTexts } from '@/app/texts';
import { useSchemaTexts } from '@/texts/schema';
import {
  formatDate,
  formatInstantLong,
  formatMoney,
  formatNumber,
  formatTime,
  type Money,
  useForms,
} from '@/ui/format';
import { useName } from '../field/Reference';
import { labelOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import { byDay, type Entry, keyOf } from './entries';
import { signOf } from './signs';
import classes from './Timeline.module.css';
import { useTexts } from './texts';

function By({ user }: { user: string }) {
  const t = useTexts();
  const name = useName('users', user);
  return name && t('by', { name });
}

interface Line {
  sku?: string;
  name?: string;
  quantity?: number;
  price?: Money;
}

/** What was bought or sent back, line by line. */
function Lines({ lines }: { lines: Line[] }) {
  return lines.map(({ sku, name, quantity, price }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same article may stand in two lines
    <Text key={`${sku} ${index}`} size="sm">
      {quantity && quantity > 1 ? `${formatNumber(quantity)} × ` : ''}
      {name ?? sku}
      {price && ` · ${formatMoney(price)}`}
    </Text>
  ));
}

function InteractionText({ interaction }: { interaction: NonNullable<Entry['interaction']> }) {
  const { subject, text, outcome, amount } = interaction;
  const lines = (interaction as { items?: Line[] }).items ?? [];
  return (
    <>
      {subject && <Text size="sm">{subject}</Text>}
      {text && (
        <Text size="sm" className={classes.text} lineClamp={6}>
          {text}
        </Text>
      )}
      <Lines lines={lines.slice(0, 6)} />
      {(amount || outcome) && (
        <Text size="sm" c="dimmed">
          {[amount && formatMoney(amount as Money), outcome].filter(Boolean).join(' · ')}
        </Text>
      )}
    </>
  );
}

/** Says nothing to people: an id of which no name is known, or of the customer whose page this is. */
const isBareId = (field: Field, value: unknown) =>
  field.name === 'customer' || (!field.reference && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(String(value)));

/** What a fact tells, field by field, and the record that it is about as a link. */
function FactText({ entry }: { entry: Entry }) {
  const book = useKinds();
  const { labelText } = useSchemaTexts();
  const kind = book.kinds.find((one) => one.name !== 'interaction' && one.name in entry);
  const about =
    kind && ((entry as Record<string, unknown>)[kind.name] as Record<string, unknown> | undefined);
  const fields = book.fact(entry.event)?.fields ?? [];
  const said = fields
    .map((field) => ({ field, value: entry.fact?.[field.name as never] as unknown }))
    .filter(({ field, value }) => field.type !== 'object' && !isEmpty(value) && !isBareId(field, value))
    .slice(0, 4);
  return (
    <>
      {kind && typeof about?.id === 'string' && (
        <Link to={`/${kind.plural}/${about.id}`} className={classes.link}>
          {String(about[kind.title ?? ''] ?? labelText(kind.label))}
        </Link>
      )}
      {said.map(({ field, value }) => (
        <Text key={field.name} size="sm" c="dimmed" component="div" className={classes.fact}>
          {labelText(labelOf(field))}: <Value field={field} value={value} plain />
        </Text>
      ))}
    </>
  );
}

function Item({ entry }: { entry: Entry }) {
  const t = useTexts();
  const shell = useShellTexts();
  const { labelText, valueText } = useSchemaTexts();
  const { interaction } = entry;
  const type = interaction?.type ? String(interaction.type) : undefined;
  const Sign = signOf(type ?? entry.event);
  const direction = interaction?.direction;
  return (
    <li className={classes.entry}>
      <span className={classes.sign} data-department={entry.department}>
        <Sign size={15} stroke={1.7} />
      </span>
      <div className={classes.what}>
        <Group gap={6} wrap="nowrap" justify="space-between">
          <Text size="sm" fw={600} truncate>
            {type ? valueText(type) : labelText(entry.label)}
            {(direction === 'inbound' || direction === 'outbound') && (
              <Text span size="xs" c="dimmed" ml={6}>
                {t(direction)}
              </Text>
            )}
          </Text>
          <Tooltip label={`${formatInstantLong(entry.time)} · ${entry.node} ${entry.seq}`}>
            <Text size="xs" c="dimmed" className={classes.time}>
              {formatTime(entry.time)}
            </Text>
          </Tooltip>
        </Group>
        {entry.erased ? (
          <Text c="dimmed">{t('erased')}</Text>
        ) : interaction ? (
          <InteractionText interaction={interaction} />
        ) : (
          <FactText entry={entry} />
        )}
        <Group gap={6} mt={2}>
          <Badge size="sm" color="gray">
            {departments.some((one) => one === entry.department)
              ? shell(entry.department as 'sales')
              : entry.node}
          </Badge>
          {interaction?.user && (
            <Text size="xs" c="dimmed">
              <By user={interaction.user} />
            </Text>
          )}
        </Group>
      </div>
    </li>
  );
}

export function Entries({ entries }: { entries: Entry[] }) {
  useForms();
  return byDay(entries, formatDate).map(({ day, entries: ofDay }) => (
    <section key={`${day} ${ofDay[0] ? keyOf(ofDay[0]) : ''}`} aria-label={day}>
      <Text size="xs" fw={600} c="dimmed" className={classes.day}>
        {day}
      </Text>
      <ol className={classes.entries}>
        {ofDay.map((entry) => (
          <Item key={keyOf(entry)} entry={entry} />
        ))}
      </ol>
    </section>
  ));
}
