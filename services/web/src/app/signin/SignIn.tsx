// SPDX-License-Identifier: Apache-2.0
// The ways in: password with a second factor, other providers, a forgotten password, the links of
// invitations and of the first administrator.
import { Anchor, Button, Divider, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { inWords } from '@/api/problem';
import {
  confirmSignIn,
  forgotPassword,
  sessionQuery,
  setPasswordByLink,
  setUp,
  signIn,
  waysInQuery,
} from '@/api/session';
import type { EntryLink } from './link';
import { refusalOf } from './refusal';
import classes from './SignIn.module.css';
import { useTexts } from './texts';

function Frame({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <main className={classes.frame}>
      <Paper className={classes.card} withBorder radius="lg" p="xl">
        <Stack gap="md">
          <img src="/icon.svg" alt="" width={40} height={40} />
          <div>
            <Title order={1}>{title}</Title>
            {hint && (
              <Text c="dimmed" size="sm" mt={4}>
                {hint}
              </Text>
            )}
          </div>
          {children}
        </Stack>
      </Paper>
    </main>
  );
}

/** Runs what a form does, and keeps what went wrong. */
function useTry() {
  const [problem, setProblem] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const run = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await what();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return { problem, isBusy, run };
}

function Problem({ error, text }: { error: unknown; text?: string }) {
  if (!error) return null;
  return (
    <Text c="var(--mantine-color-error)" size="sm" role="alert">
      {text ?? inWords(error)}
    </Text>
  );
}

function Providers() {
  const t = useTexts();
  const { data } = useQuery(waysInQuery);
  if (!data?.providers.length) return null;
  return (
    <>
      <Divider label={t('or')} />
      {data.providers.map((provider) => (
        <Button
          key={provider.id}
          component="a"
          variant="default"
          size="sm"
          href={`/api/v1/session/providers/${provider.id}?back=${encodeURIComponent(location.pathname)}`}
        >
          {t('with', { name: provider.name })}
        </Button>
      ))}
    </>
  );
}

function Forgotten({ back }: { back: () => void }) {
  const t = useTexts();
  const [isSent, setSent] = useState(false);
  const { problem, isBusy, run } = useTry();
  const form = useForm({ initialValues: { email: '' } });
  return (
    <Frame title={t('forgotten')} hint={isSent ? t('sent') : t('forgottenHint')}>
      {!isSent && (
        <form
          onSubmit={form.onSubmit(({ email }) =>
            run(async () => {
              await forgotPassword(email);
              setSent(true);
            }),
          )}
        >
          <Stack gap="sm">
            <TextInput
              type="email"
              autoComplete="username"
              required
              size="sm"
              label={t('email')}
              {...form.getInputProps('email')}
            />
            <Problem error={problem} />
            <Button type="submit" size="sm" loading={isBusy}>
              {t('send')}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component="button" type="button" size="sm" onClick={back}>
        {t('back')}
      </Anchor>
    </Frame>
  );
}

function WithPassword({ onIn }: { onIn: () => void }) {
  const t = useTexts();
  const [isForgotten, setForgotten] = useState(false);
  const [wantsCode, setWantsCode] = useState(false);
  const directory = useQuery(waysInQuery).data?.directory;
  const { problem, isBusy, run } = useTry();
  const form = useForm({ initialValues: { email: '', password: '', code: '' } });
  const refusal = refusalOf(problem, directory !== undefined);
  if (isForgotten) return <Forgotten back={() => setForgotten(false)} />;
  return (
    <Frame title={t('title')} hint={t('hint')}>
      <form
        onSubmit={form.onSubmit(({ email, password, code }) =>
          run(async () => {
            await signIn(code ? { email, password, code: code.replaceAll(' ', '') } : { email, password });
            onIn();
          }),
        )}
      >
        <Stack gap="sm">
          <TextInput
            type={directory ? 'text' : 'email'}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            autoFocus
            size="sm"
            label={t(directory ? 'nameOrEmail' : 'email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            autoComplete="current-password"
            required
            size="sm"
            label={t('password')}
            {...(directory ? { description: t('ofDirectory', directory) } : {})}
            {...form.getInputProps('password')}
          />
          {wantsCode ? (
            <TextInput
              autoComplete="one-time-code"
              inputMode="numeric"
              size="sm"
              label={t('code')}
              description={t('codeHint')}
              {...form.getInputProps('code')}
            />
          ) : (
            <Anchor component="button" type="button" size="sm" ta="left" onClick={() => setWantsCode(true)}>
              {t('haveCode')}
            </Anchor>
          )}
          <Problem error={problem} {...(refusal ? { text: t(refusal, directory ?? { title: '' }) } : {})} />
          <Button type="submit" size="sm" loading={isBusy}>
            {t('go')}
          </Button>
        </Stack>
      </form>
      <Anchor component="button" type="button" size="sm" onClick={() => setForgotten(true)}>
        {t('forgotten')}
      </Anchor>
      <Providers />
    </Frame>
  );
}

function ByLink({ secret, onDone }: { secret: string; onDone: () => void }) {
  const t = useTexts();
  const { problem, isBusy, run } = useTry();
  const form = useForm({ initialValues: { password: '' } });
  return (
    <Frame title={t('choose')} hint={t('chooseHint')}>
      <form
        onSubmit={form.onSubmit(({ password }) =>
          run(async () => {
            await setPasswordByLink(secret, password);
            onDone();
          }),
        )}
      >
        <Stack gap="sm">
          <PasswordInput
            autoComplete="new-password"
            required
            autoFocus
            size="sm"
            label={t('newPassword')}
            {...form.getInputProps('password')}
          />
          <Problem error={problem} />
          <Button type="submit" size="sm" loading={isBusy}>
            {t('set')}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

function Founding({ secret, onDone }: { secret: string; onDone: () => void }) {
  const t = useTexts();
  const { problem, isBusy, run } = useTry();
  const form = useForm({ initialValues: { name: '', email: '', password: '' } });
  return (
    <Frame title={t('first')} hint={t('firstHint')}>
      <form
        onSubmit={form.onSubmit((who) =>
          run(async () => {
            await setUp({ secret, ...who });
            onDone();
          }),
        )}
      >
        <Stack gap="sm">
          <TextInput
            autoComplete="name"
            required
            autoFocus
            size="sm"
            label={t('name')}
            {...form.getInputProps('name')}
          />
          <TextInput
            type="email"
            autoComplete="username"
            required
            size="sm"
            label={t('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            autoComplete="new-password"
            required
            size="sm"
            label={t('password')}
            {...form.getInputProps('password')}
          />
          <Problem error={problem} />
          <Button type="submit" size="sm" loading={isBusy}>
            {t('begin')}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

function SecondFactor({ onDone }: { onDone: () => void }) {
  const t = useTexts();
  const { problem, isBusy, run } = useTry();
  const form = useForm({ initialValues: { code: '' } });
  return (
    <Frame title={t('oneMore')} hint={t('codeHint')}>
      <form
        onSubmit={form.onSubmit(({ code }) =>
          run(async () => {
            await confirmSignIn(code.replaceAll(' ', ''));
            onDone();
          }),
        )}
      >
        <Stack gap="sm">
          <TextInput
            autoComplete="one-time-code"
            required
            autoFocus
            size="sm"
            label={t('code')}
            {...form.getInputProps('code')}
          />
          <Problem error={problem} />
          <Button type="submit" size="sm" loading={isBusy}>
            {t('go')}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

export interface SignInProps {
  link?: EntryLink;
  /** The link was used; who it made is signed in, or signs in now. `back`: where to go on. */
  onDone: (back?: string) => void;
}

export default function SignIn({ link, onDone }: SignInProps) {
  const client = useQueryClient();
  const done = (back?: string) => {
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    onDone(back);
  };
  if (link?.purpose === 'second-factor') return <SecondFactor onDone={() => done(link.back)} />;
  if (link?.purpose === 'setup') return <Founding secret={link.secret} onDone={() => done()} />;
  if (link) return <ByLink secret={link.secret} onDone={() => done()} />;
  return <WithPassword onIn={() => done()} />;
}
