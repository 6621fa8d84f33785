// SPDX-License-Identifier: Apache-2.0
// Answering an offer: taken with one press, refused with a reason, taken back by who made it.
import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { act } from '@/api/act';
import { type Command, type Kind, useKinds } from '@/api/kinds';
import { useMay } from '@/api/session';
import { later } from '@/app/offline/later';
import { useWorkspace } from '@/app/workspace';
import { nameOf } from '@/kind/field/Reference';
import { askedOf } from '@/kind/record/command';
import { type Handover, type Verb, verbsOf } from './handover';
import { usePageTexts } from './pageTexts';

const CommandForm = later(() => import('@/kind/record/CommandForm'));

export function Actions({ kind, handover }: { kind: Kind; handover: Handover }) {
  const t = usePageTexts();
  const client = useQueryClient();
  const book = useKinds();
  const may = useMay();
  const { own } = useWorkspace();
  const [asking, setAsking] = useState<Command>();
  const commandOf = (verb: Verb) => book.commandsOf('handovers').find((one) => one.verb === verb);
  const verbs = may('change', 'handover') ? verbsOf(handover, own).filter(commandOf) : [];
  const run = (verb: Verb, body: Record<string, unknown> = {}) =>
    act(client, {
      method: 'POST',
      path: `handovers/${handover.id}:${verb}`,
      body,
      label: `${t(verb)}: ${nameOf(kind, handover)}`,
      record: { plural: 'handovers', id: handover.id },
      done: t(`done${verb}`),
    })
      .then(() => client.invalidateQueries({ predicate: (query) => query.queryKey.includes('handovers') }))
      .catch(() => undefined);
  const press = (verb: Verb) => {
    const command = commandOf(verb);
    if (command && askedOf(kind, command).length) setAsking(command);
    else void run(verb);
  };
  if (!verbs.length) return null;
  return (
    <Group gap={6} wrap="nowrap">
      {verbs.map((verb) => (
        <Button key={verb} variant={verb === 'accept' ? 'filled' : 'default'} onClick={() => press(verb)}>
          {t(verb)}
        </Button>
      ))}
      {asking && (
        <Suspense>
          <CommandForm
            kind={kind}
            row={handover}
            command={asking}
            run={(body) => run(asking.verb as Verb, body)}
            onClose={() => setAsking(undefined)}
          />
        </Suspense>
      )}
    </Group>
  );
}
