// SPDX-License-Identifier: Apache-2.0
// Password and second factor of whoever is signed in.
import { Button, Code, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { sessionQuery, useSession } from '@/api/session';
import { say, sayFailure } from '@/ui/toast';
import { useTexts } from './pageTexts';

const calm = (what: Promise<unknown>) => void what.catch(sayFailure);

function Password() {
  const t = useTexts();
  const form = useForm({ initialValues: { old_password: '', password: '' } });
  const submit = async (values: { old_password: string; password: string }) => {
    await api.POST('/api/v1/session:setPassword', { body: values });
    form.reset();
    say(t('passwordDone'));
  };
  return (
    <form onSubmit={form.onSubmit((values) => calm(submit(values)))}>
      <Stack gap="sm">
        <PasswordInput
          label={t('oldPassword')}
          autoComplete="current-password"
          required
          {...form.getInputProps('old_password')}
        />
        <PasswordInput
          label={t('newPassword')}
          autoComplete="new-password"
          required
          {...form.getInputProps('password')}
        />
        <Button type="submit" variant="default" w="fit-content">
          {t('password')}
        </Button>
      </Stack>
    </form>
  );
}

function SecondFactor() {
  const t = useTexts();
  const client = useQueryClient();
  const { user } = useSession();
  const [secret, setSecret] = useState<string>();
  const [codes, setCodes] = useState<string[]>([]);
  const form = useForm({ initialValues: { password: '', code: '' } });
  const fresh = () => client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  const begin = async () => {
    const { data } = await api.POST('/api/v1/session:beginSecondFactor', {
      body: { password: form.values.password },
    });
    setSecret(data?.key);
  };
  const confirm = async () => {
    const { data } = await api.POST('/api/v1/session:confirmSecondFactor', {
      body: { code: form.values.code },
    });
    setCodes(data?.recovery_codes ?? []);
    setSecret(undefined);
    form.reset();
    await fresh();
  };
  const remove = async () => {
    await api.POST('/api/v1/session:removeSecondFactor', { body: form.values });
    form.reset();
    await fresh();
  };
  const isOn = user?.second_factor === true;
  const step = secret ? confirm : isOn ? remove : begin;
  return (
    <form onSubmit={form.onSubmit(() => calm(step()))}>
      <Stack gap="sm">
        <Text size="sm">{t(isOn ? 'factorOn' : 'factorOff')}</Text>
        {!secret && (
          <PasswordInput
            label={t('yourPassword')}
            autoComplete="current-password"
            required
            {...form.getInputProps('password')}
          />
        )}
        {secret && (
          <>
            <Text size="sm">{t('factorKey')}</Text>
            <Code>{secret}</Code>
          </>
        )}
        {(secret || isOn) && (
          <TextInput
            label={t('code')}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            {...form.getInputProps('code')}
          />
        )}
        <Button type="submit" variant="default" w="fit-content">
          {t(secret ? 'confirm' : isOn ? 'turnOff' : 'turnOn')}
        </Button>
        {codes.length > 0 && (
          <>
            <Text size="sm">{t('recovery')}</Text>
            <Group gap="xs">
              {codes.map((code) => (
                <Code key={code}>{code}</Code>
              ))}
            </Group>
          </>
        )}
      </Stack>
    </form>
  );
}

export function Account() {
  const t = useTexts();
  const { user } = useSession();
  return (
    <Stack gap="lg">
      <Text size="sm">{t('signedInAs', { name: user?.name ?? '', email: user?.email ?? '' })}</Text>
      <Password />
      <Text fw={600}>{t('factor')}</Text>
      <SecondFactor />
    </Stack>
  );
}
