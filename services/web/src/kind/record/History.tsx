// SPDX-License-Identifier: Apache-2.0
// Who changed what, from what to what, when and where: of a whole record or of one field.
import { Button, Center, Group, Loader, Stack, Text, Tooltip } from '@mantine/core';
import { IconArrowRight, IconServer } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type Field, fieldOf, type Kind } from '@/api/kinds';
import { type Change, historyQuery } from '@/api/records';
import { useTexts as useShellTexts } from '@/app/texts';
import { useSchemaTexts } from '@/texts/schema';
import { formatAgo, formatInstantLong, useForms } from '@/ui/format';
import { Face } from '@/ui/light';
import { useName } from '../field/Reference';
import { labelOf } from '../field/shape';
import { isEmpty, Value } from '../field/Value';
import { usePast } from '../past/moment';
import { useTexts } from '../texts';
import classes from './History.module.css';

export function Actor({ change }: { change: Change }) {
  const t = useTexts();
  const by = change.by as { user?: string; rule?: string; flow?: string };
  const user = useName('users', by.user);
  const rule = useName('rules', by.rule);
  const flow = useName('flows', by.flow);
  return <>{user ?? rule ?? flow ?? t('system')}</>;
}

function ActorSign({ change }: { change: Change }) {
  const by = change.by as { user?: string };
  const user = useName('users', by.user);
  return user ? (
    <Face size={22} name={user} />
  ) : (
    <Face size={22} name="" color="gray">
      <IconServer size={13} />
    </Face>
  );
}

export function FieldChange({ kind, change }: { kind: Kind; change: Change['fields'][number] }) {
  const { labelText } = useSchemaTexts();
  const t = useTexts();
  const field = fieldOf(kind, change.field);
  if (!field) return null;
  const one = { ...field, repeated: false };
  const value = (what: unknown) =>
    isEmpty(what) ? (
      <span className={classes.nothing}>{t('empty_value')}</span>
    ) : (
      <Value field={one} value={what} plain />
    );
  return (
    <div className={classes.change}>
      <span className={classes.field}>{labelText(labelOf(field))}</span>
      {!isEmpty(change.from) && (
        <>
          <span className={classes.from}>{value(change.from)}</span>
          <IconArrowRight size={12} className={classes.arrow} />
        </>
      )}
      <span className={classes.to}>{value(change.to)}</span>
    </div>
  );
}

/** Up to a moment of the past, where the page shows one. */
const upTo = (changes: Change[], at: string | undefined) =>
  at === undefined ? changes : changes.filter((change) => Date.parse(change.at) <= Date.parse(at));

interface HistoryProps {
  kind: Kind;
  id: string;
  field?: Field;
}

export function History({ kind, id, field }: HistoryProps) {
  const t = useTexts();
  const shell = useShellTexts();
  useForms();
  const { labelText } = useSchemaTexts();
  const past = usePast();
  const { data, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(
    historyQuery(kind.plural, id, field?.name),
  );
  if (isPending)
    return (
      <Center p="md">
        <Loader size="xs" />
      </Center>
    );
  const changes = upTo(data?.pages.flatMap((page) => page.changes) ?? [], past?.at);
  if (!changes.length)
    return (
      <Text c="dimmed" size="sm">
        {t('nothingWritten')}
      </Text>
    );
  return (
    <Stack gap={0}>
      {changes.map((change) => (
        <div key={change.position} className={classes.entry}>
          <ActorSign change={change} />
          <div className={classes.body}>
            <Group gap={6} justify="space-between" wrap="nowrap">
              <Text size="sm" truncate>
                <b>
                  <Actor change={change} />
                </b>{' '}
                <span className={classes.nothing}>{labelText(change.label)}</span>
              </Text>
              <Tooltip label={`${formatInstantLong(change.at)} · ${change.position}`}>
                <Text size="xs" c="dimmed" className={classes.when}>
                  {formatAgo(change.at)}
                </Text>
              </Tooltip>
            </Group>
            {change.fields.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: of a set one field has several changes at once
              <FieldChange key={index} kind={kind} change={one} />
            ))}
            <Text size="xs" c="dimmed">
              {change.department === 'any' ? change.node : shell(change.department as 'sales')}
              {change.department !== change.node && change.department !== 'any' && ` · ${change.node}`}
            </Text>
          </div>
        </div>
      ))}
      {hasNextPage && (
        <Button
          variant="subtle"
          size="compact-xs"
          loading={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('loadMore')}
        </Button>
      )}
    </Stack>
  );
}

export const FieldHistory = ({ kind, id, field }: { kind: Kind; id: string; field: Field }) => (
  <div className={classes.scroll}>
    <History kind={kind} id={id} field={field} />
  </div>
);
