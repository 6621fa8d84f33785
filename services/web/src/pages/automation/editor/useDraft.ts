// SPDX-License-Identifier: Apache-2.0
// The draft of a rule or flow: kept while one is elsewhere in the app, saved by one button.
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { act, change } from '@/api/act';
import { useStatus } from '@/api/kinds';
import { ApiError } from '@/api/problem';
import type { Row } from '@/api/records';
import { say, sayFailure } from '@/ui/toast';
import { changesOf, creationOf, type Draft, draftOf, emptyDraft, type Plural } from './draft';
import { type Fault, faultOf } from './plan';
import { useTexts } from './texts';

const kept = new Map<string, Draft>();

export function useDraft(plural: Plural, row: Row | undefined) {
  const t = useTexts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const own = useStatus()?.department ?? 'sales';
  const key = row?.id ?? `new ${plural}`;
  const [draft, setDraft] = useState<Draft | undefined>(kept.get(key));
  const [fault, setFault] = useState<Fault>();
  const [isBusy, setBusy] = useState(false);
  const saved = row ? draftOf(plural, row) : emptyDraft(plural, own);
  const now = draft ?? saved;
  const isChanged = !!draft && Object.keys(changesOf(plural, saved, draft)).length > 0;
  useEffect(() => {
    if (draft && isChanged) kept.set(key, draft);
    else kept.delete(key);
  }, [key, draft, isChanged]);
  const update = (patch: Partial<Draft> | ((before: Draft) => Partial<Draft>)) =>
    setDraft((before) => {
      const from = before ?? now;
      return { ...from, ...(typeof patch === 'function' ? patch(from) : patch) };
    });
  const discard = () => {
    setDraft(undefined);
    setFault(undefined);
  };
  const send = async (): Promise<void> => {
    if (row) {
      await change(client, plural, row, changesOf(plural, saved, now), now.name, {
        quiet: true,
        done: t('saved'),
        ...(row.version ? { headers: { 'If-Match': `"${row.version}"` } } : {}),
      });
      await client.invalidateQueries({ queryKey: ['record', plural, row.id] });
      discard();
      return;
    }
    const body = { ...creationOf(plural, now), enabled: false };
    const made = await act<Row>(client, {
      method: 'POST',
      path: plural,
      body,
      label: now.name,
      quiet: true,
      done: t('saved'),
    });
    kept.delete(key);
    discard();
    if (made) await navigate({ to: `/${plural}/${made.id}`, replace: true });
  };
  const save = async () => {
    if (now.steps.length === 0) {
      setFault({ text: t('noStep') });
      return;
    }
    setBusy(true);
    setFault(undefined);
    try {
      await send();
    } catch (error) {
      const found = error instanceof ApiError && error.status === 400 ? faultOf(error.message) : undefined;
      setFault(found);
      if (found?.step === undefined) sayFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const turn = (enabled: boolean) =>
    row &&
    void change(client, plural, row, { enabled }, now.name, { done: null })
      .then(() => say(t(enabled ? 'switchedOn' : 'switchedOff')))
      .catch(() => undefined);
  return {
    draft: now,
    update,
    fault,
    isChanged: isChanged || (!row && !!draft),
    isBusy,
    save,
    discard,
    turn,
  };
}
