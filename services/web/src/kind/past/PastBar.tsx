// SPDX-License-Identifier: Apache-2.0
// The slider of the past: says plainly that the page is not the present, and leads from change to change.
import { ActionIcon, Button, CloseButton, Group, Text, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconHistory } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { Kind } from '@/api/kinds';
import { type Change, changesQuery, type Row } from '@/api/records';
import { useSchemaTexts } from '@/texts/schema';
import { formatAgo, formatInstant, useForms } from '@/ui/format';
import { Actor, FieldChange } from '../record/History';
import { NOW, type useMoment } from './moment';
import classes from './Past.module.css';
import { momentAt, placeOf, type Scale, scaleOf, stepFrom } from './scale';
import { useTexts } from './texts';

const DAY = 86_400_000;
/** So close to a mark, the pointer means it. */
const SNAP = 0.008;

/** All changes of what the page is about: a customer may be several records. */
function useChanges(kind: Kind, row: Row): Change[] {
  const members = (row.members as { id: string }[] | undefined) ?? [];
  const ids = members.length ? members.slice(0, 8).map((one) => one.id) : [row.id];
  return useQueries({
    queries: ids.map((id) => changesQuery(kind.plural, id)),
    combine: (answers) => answers.flatMap((one) => one.data ?? []),
  });
}

interface TrackProps {
  scale: Scale;
  at: number;
  count: number;
  go: (moment: number) => void;
  close: () => void;
}

function Track({ scale, at, count, go, close }: TrackProps) {
  const t = useTexts();
  const rail = useRef<HTMLDivElement>(null);
  // Whoever opens the slider wants to move it.
  useEffect(() => rail.current?.focus(), []);
  const place = placeOf(scale, at);
  const last = scale.moments.at(-1) ?? at;
  const isNow = at >= last;
  const point = (event: PointerEvent) => {
    const box = rail.current?.getBoundingClientRect();
    if (!box || (event.type === 'pointermove' && event.buttons !== 1)) return;
    if (event.type === 'pointerdown') rail.current?.setPointerCapture(event.pointerId);
    go(momentAt(scale, Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)), SNAP));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const first = scale.moments[0] ?? at;
    const within = (moment: number) => Math.max(first, Math.min(last, moment));
    const ways: Record<string, () => number | undefined> = {
      ArrowLeft: () => stepFrom(scale, at, -1),
      ArrowDown: () => stepFrom(scale, at, -1),
      ArrowRight: () => stepFrom(scale, at, 1),
      ArrowUp: () => stepFrom(scale, at, 1),
      PageDown: () => within(at - DAY),
      PageUp: () => within(at + DAY),
      Home: () => first,
      End: () => last,
    };
    if (event.key === 'Escape') close();
    else if (ways[event.key]) {
      const moment = ways[event.key]?.();
      if (moment !== undefined) go(moment);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={rail}
      className={classes.track}
      role="slider"
      tabIndex={0}
      aria-label={t('slider')}
      aria-valuemin={0}
      aria-valuemax={1000}
      aria-valuenow={Math.round(place * 1000)}
      aria-valuetext={isNow ? t('now') : formatInstant(new Date(at).toISOString())}
      aria-description={t('changes', { count })}
      onPointerDown={point}
      onPointerMove={point}
      onKeyDown={onKeyDown}
    >
      <span className={classes.gone} style={{ width: `${place * 100}%` }} />
      {scale.moments.slice(0, -1).map((one, index) => (
        <span
          key={one}
          className={classes.mark}
          data-before={one <= at || undefined}
          style={{ left: `${(scale.places[index] ?? 0) * 100}%` }}
        />
      ))}
      <span className={classes.thumb} style={{ left: `${place * 100}%` }} />
    </div>
  );
}

/** The last change until then: who, and from what to what. */
function LastChange({ kind, changes, at }: { kind: Kind; changes: Change[]; at: number }) {
  const { labelText } = useSchemaTexts();
  const change = changes
    .filter((one) => Date.parse(one.at) <= at)
    .reduce<Change | undefined>((a, b) => (a && a.at >= b.at ? a : b), undefined);
  if (!change) return null;
  return (
    <div className={classes.changed} aria-live="polite">
      <Text size="sm" span>
        <b>
          <Actor change={change} />
        </b>{' '}
        {labelText(change.label)} · {formatAgo(change.at)}
      </Text>
      {change.fields.slice(0, 3).map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: of a set one field has several changes at once
        <FieldChange key={index} kind={kind} change={one} />
      ))}
    </div>
  );
}

/** "2026-11-22T15:03" of the browser's clock, as inputs of the browser want it. */
const localOf = (at: number) =>
  new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

interface PastBarProps {
  kind: Kind;
  row: Row;
  moment: ReturnType<typeof useMoment>;
}

export default function PastBar({ kind, row, moment }: PastBarProps) {
  const t = useTexts();
  useForms();
  const changes = useChanges(kind, row);
  // The end of the scale stands still while somebody looks.
  const [now] = useState(Date.now);
  const scale = useMemo(
    () =>
      scaleOf(
        changes.map((one) => Date.parse(one.at)),
        now,
      ),
    [changes, now],
  );
  const at = moment.at ? Math.min(Date.parse(moment.at), now) : now;
  const isNow = at >= now;
  const first = scale.moments[0] ?? now;
  const go = (to: number) => moment.go(to >= now ? NOW : new Date(Math.max(first, to)).toISOString());
  const step = (by: 1 | -1) => {
    const to = stepFrom(scale, at, by);
    return to === undefined ? undefined : () => go(to);
  };
  const close = () => moment.go(undefined);
  return (
    <section className={classes.bar} aria-label={t('slider')} data-past={!isNow || undefined}>
      <div className={classes.words}>
        <span className={classes.title}>
          <IconHistory size={16} />
          {isNow ? t('isNow') : t('isPast', { when: formatInstant(new Date(at).toISOString()) })}
        </span>
        {!isNow && (
          <Text size="sm" span visibleFrom="sm">
            {t('readOnly')}
          </Text>
        )}
        <Group gap={4} wrap="nowrap" className={classes.ways}>
          {([-1, 1] as const).map((by) => (
            <Tooltip key={by} label={t(by < 0 ? 'earlier' : 'later')}>
              <ActionIcon
                aria-label={t(by < 0 ? 'earlier' : 'later')}
                disabled={!step(by)}
                onClick={() => step(by)?.()}
              >
                {by < 0 ? <IconChevronLeft size={16} /> : <IconChevronRight size={16} />}
              </ActionIcon>
            </Tooltip>
          ))}
          <TextInput
            type="datetime-local"
            aria-label={t('moment')}
            visibleFrom="sm"
            min={localOf(first)}
            max={localOf(now)}
            value={localOf(at)}
            onChange={(event) => {
              const to = Date.parse(event.currentTarget.value);
              if (!Number.isNaN(to)) go(to);
            }}
          />
          {!isNow && (
            <Button variant="default" onClick={() => moment.go(NOW)}>
              {t('backToNow')}
            </Button>
          )}
          <CloseButton size="sm" aria-label={t('close')} onClick={close} />
        </Group>
      </div>
      <Track scale={scale} at={at} count={changes.length} go={go} close={close} />
      <LastChange kind={kind} changes={changes} at={at} />
    </section>
  );
}
