// SPDX-License-Identifier: Apache-2.0
// One interaction, recorded here and followed until everybody has it on disk.
import { Anchor, Button, Group, Loader, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconClockPause } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { fetchOrThrow, urlOf } from '@/api/client';
import { newId } from '@/api/id';
import { type Member, type Network, networkQuery } from '@/api/network';
import { useMay } from '@/api/session';
import { ReferenceInput } from '@/kind/field/ReferenceInput';
import { sayFailure } from '@/ui/toast';
import { shortly } from '@/ui/troubleText';
import classes from './Network.module.css';
import { useTexts } from './pageTexts';
import { beginWay, followWay, isWhole, lastMs, parsePosition, type Way } from './way';

/** While one is under way, it is looked at so often. */
const LOOK_MS = 40;

async function record(customer: string, text: string): Promise<Way> {
  const sentAt = performance.now();
  const response = await fetchOrThrow(urlOf('interactions'), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': newId() },
    body: JSON.stringify({ customer, type: 'note', text, occurred_at: new Date().toISOString() }),
  });
  const position = parsePosition(response.headers.get('Liaison-Position') ?? '');
  if (!position) throw new Error('the answer names no position');
  return beginWay(position, sentAt, performance.now());
}

/** Follows it; the node is asked often until all have it, then as everywhere. */
function useWay(network: Network): [Way | undefined, (way: Way | undefined) => void] {
  const client = useQueryClient();
  const [way, setWay] = useState<Way>();
  const next = way && followWay(way, network, performance.now());
  if (way && next && next !== way) setWay(next);
  const follows = way !== undefined && !isWhole(way, network);
  useEffect(() => {
    if (!follows) return;
    const timer = setInterval(
      () => void client.refetchQueries(networkQuery, { cancelRefetch: false }),
      LOOK_MS,
    );
    return () => clearInterval(timer);
  }, [client, follows]);
  return [way, setWay];
}

interface StepProps {
  label: string;
  ms: number | undefined;
  /** The whole width stands for so long. */
  whole: number;
  waits?: boolean;
}

function Step({ label, ms, whole, waits = false }: StepProps) {
  return (
    <li className={classes.step}>
      {ms !== undefined ? (
        <IconCheck size={14} className={classes.done} />
      ) : waits ? (
        <IconClockPause size={14} className={classes.waits} />
      ) : (
        <Loader size={12} />
      )}
      <Text size="sm" className={classes.stepLabel}>
        {label}
      </Text>
      <span className={classes.track}>
        {ms !== undefined && (
          <span className={classes.bar} style={{ width: `${Math.max(2, (100 * ms) / whole)}%` }} />
        )}
      </span>
      <Text size="sm" className={classes.ms}>
        {ms === undefined ? '' : shortly(ms)}
      </Text>
    </li>
  );
}

function Steps({ way, network }: { way: Way; network: Network }) {
  const t = useTexts();
  const others = network.members.filter((one) => one.node !== way.position.node);
  const whole = Math.max(1, lastMs(way));
  const labelOf = (member: Member) =>
    way.arrivedMs[member.node] !== undefined
      ? t('arrived', { name: member.name })
      : t(member.connected ? 'onItsWay' : 'waits', { name: member.name });
  return (
    <ol className={classes.steps} aria-live="polite">
      <Step label={t('recorded')} ms={way.answeredMs} whole={whole} />
      {others.map((member) => (
        <Step
          key={member.node}
          label={labelOf(member)}
          ms={way.arrivedMs[member.node]}
          whole={whole}
          waits={!member.connected}
        />
      ))}
    </ol>
  );
}

export function WayOfOne({ network }: { network: Network }) {
  const t = useTexts();
  const may = useMay();
  const [way, setWay] = useWay(network);
  const [customer, setCustomer] = useState<string | null>(null);
  const [text, setText] = useState(t('noteDefault'));
  const [isSending, setIsSending] = useState(false);
  if (!may('create', 'interaction')) return null;
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!customer) return;
    setIsSending(true);
    try {
      setWay(await record(customer, text));
    } catch (error) {
      sayFailure(error);
    } finally {
      setIsSending(false);
    }
  };
  return (
    <Stack gap="sm">
      <Text c="dimmed" size="sm">
        {t('wayHint')}
      </Text>
      <form onSubmit={(event) => void send(event)} className={classes.form}>
        <ReferenceInput plural="customers" label={t('customer')} value={customer} onChange={setCustomer} />
        <TextInput
          label={t('note')}
          value={text}
          maxLength={500}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={isSending} disabled={!customer || !text.trim()}>
          {way ? t('again') : t('record')}
        </Button>
      </form>
      {way && <Steps way={way} network={network} />}
      {way && isWhole(way, network) && (
        <Group gap="xs" justify="space-between">
          <Text size="sm" fw={550}>
            {t('done', { count: network.members.length, time: shortly(lastMs(way)) })}
          </Text>
          {customer && (
            <Anchor size="sm" renderRoot={(props) => <Link {...props} to={`/customers/${customer}`} />}>
              {t('openTimeline')}
            </Anchor>
          )}
        </Group>
      )}
      <Text c="dimmed" size="xs">
        {t('try')}
      </Text>
    </Stack>
  );
}
