// SPDX-License-Identifier: Apache-2.0
// What the customer and we have said about a ticket, and the place to answer.
import { Button, Center, Group, Loader, Select, Stack, Text, Textarea, Tooltip } from '@mantine/core';
import { IconMessages } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import { act } from '@/api/act';
import { fieldOf, type Kind, useKinds } from '@/api/kinds';
import type { PanelProps } from '@/app/area';
import { useActions } from '@/app/useActions';
import { choicesOf } from '@/kind/field/choice';
import { nameOf, useName } from '@/kind/field/Reference';
import type { Entry } from '@/kind/timeline/entries';
import { useSchemaTexts } from '@/texts/schema';
import { Empty } from '@/ui/Empty';
import { Failed } from '@/ui/Failed';
import { formatAgo, formatInstantLong, useForms } from '@/ui/format';
import type { Ticket } from './clock';
import { conversationQuery } from './messages';
import { usePageTexts } from './pageTexts';
import classes from './Ticket.module.css';
import { useTicketActs } from './useTicket';

function Bubble({
  who,
  when,
  what,
  text,
  ours,
}: {
  who: string;
  when: string | undefined;
  what?: string | undefined;
  text: string | undefined;
  ours: boolean;
}) {
  return (
    <li className={classes.message} data-ours={ours || undefined}>
      <Group gap={8} justify="space-between" wrap="nowrap">
        <Text size="xs" fw={600}>
          {who}
          {what && (
            <Text span size="xs" c="dimmed" ml={6}>
              {what}
            </Text>
          )}
        </Text>
        {when && (
          <Tooltip label={formatInstantLong(when)}>
            <Text size="xs" c="dimmed">
              {formatAgo(when)}
            </Text>
          </Tooltip>
        )}
      </Group>
      {text && (
        <Text size="sm" className={classes.text}>
          {text}
        </Text>
      )}
    </li>
  );
}

function Message({ entry }: { entry: Entry }) {
  const t = usePageTexts();
  const { valueText } = useSchemaTexts();
  const { interaction } = entry;
  const agent = useName('users', interaction?.user);
  const ours = interaction?.direction !== 'inbound';
  return (
    <Bubble
      who={ours ? (agent ?? t('outbound')) : t('inbound')}
      when={entry.time}
      what={interaction?.type ? valueText(String(interaction.type)) : undefined}
      text={[interaction?.subject, interaction?.text].filter(Boolean).join('\n')}
      ours={ours}
    />
  );
}

/** Something that became of the ticket, between what was said. */
function Happened({ entry }: { entry: Entry }) {
  const { labelText } = useSchemaTexts();
  return (
    <li className={classes.happened}>
      <Tooltip label={formatInstantLong(entry.time)}>
        <Text size="xs" c="dimmed">
          {labelText(entry.label)} · {formatAgo(entry.time)}
        </Text>
      </Tooltip>
    </li>
  );
}

function Reply({ kind, ticket }: { kind: Kind; ticket: Ticket }) {
  const t = usePageTexts();
  const client = useQueryClient();
  const field = useKinds().byPlural('interactions');
  const channelField = field && fieldOf(field, 'channel');
  const input = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [channel, setChannel] = useState(ticket.channel ?? 'email');
  const [isBusy, setBusy] = useState(false);
  useActions({ 'ticket.respond': () => input.current?.focus() });
  const send = async () => {
    if (!text.trim() || isBusy) return;
    setBusy(true);
    try {
      await act(client, {
        method: 'POST',
        path: `tickets/${ticket.id}:respond`,
        body: { text: text.trim(), channel },
        label: `${t('send')}: ${nameOf(kind, ticket)}`,
        record: { plural: 'tickets', id: ticket.id },
        done: t('sent'),
      });
      setText('');
      await client.invalidateQueries({ queryKey: ['timeline', ticket.customer] });
    } catch {
      // What was typed stays; the reason is on the screen.
    } finally {
      setBusy(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void send();
  };
  return (
    <div className={classes.reply}>
      <Textarea
        ref={input}
        autosize
        minRows={3}
        maxRows={14}
        aria-label={t('reply')}
        placeholder={t('reply')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group justify="space-between" gap="xs">
        <Select
          w={150}
          aria-label={t('channel')}
          allowDeselect={false}
          value={channel}
          data={channelField ? choicesOf(channelField, channel) : []}
          onChange={(value) => setChannel(value ?? 'email')}
        />
        <Button onClick={() => void send()} loading={isBusy} disabled={!text.trim()}>
          {t('send')}
        </Button>
      </Group>
    </div>
  );
}

export default function Conversation({ kind, row }: PanelProps) {
  const t = usePageTexts();
  useForms();
  const ticket = row as Ticket;
  const { allowed } = useTicketActs(kind, ticket);
  const customer = useName('customers', ticket.customer);
  const { data, error, isPending, refetch } = useQuery(conversationQuery(ticket));
  const messages = data ?? [];
  if (error && !data) return <Failed error={error} reset={() => void refetch()} />;
  return (
    <Stack gap="md">
      {isPending && ticket.customer ? (
        <Center p="xl">
          <Loader size="sm" />
        </Center>
      ) : messages.length === 0 && !ticket.text ? (
        <Empty icon={IconMessages} title={t('nothing')} hint={t('nothingHint')} />
      ) : (
        <ol className={classes.messages}>
          {ticket.text && (
            <Bubble
              who={customer ?? t('inbound')}
              when={ticket.created_at}
              what={t('asked')}
              text={ticket.text}
              ours={false}
            />
          )}
          {messages.map((entry) =>
            entry.interaction ? (
              <Message key={`${entry.node} ${entry.seq}`} entry={entry} />
            ) : (
              <Happened key={`${entry.node} ${entry.seq} ${entry.event}`} entry={entry} />
            ),
          )}
        </ol>
      )}
      {allowed.includes('respond') && <Reply key={ticket.id} kind={kind} ticket={ticket} />}
    </Stack>
  );
}
