/** Staff log in with the account that has their role. */
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useMessages } from "../lib/messages.tsx";
import { demoLogin, useLogin } from "../lib/session.ts";
import { troubleText } from "../lib/Trouble.tsx";

type Given = { readonly username: string; readonly password: string };

export function LoginPage() {
  const messages = useMessages();
  const login = useLogin();
  const [form] = Form.useForm<Given>();
  const [trouble, setTrouble] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const demo = demoLogin();

  async function submit({ username, password }: Given) {
    setBusy(true);
    setTrouble(null);
    try {
      await login(username, password);
    } catch (error) {
      setTrouble(error);
      setBusy(false);
    }
  }

  return (
    <main className="login">
      <h1>{messages.console}</h1>
      {trouble !== null && (
        <Alert type="error" showIcon title={troubleText(trouble, messages)} style={{ marginBottom: 12 }} />
      )}
      <Form form={form} layout="vertical" onFinish={(given) => void submit(given)} requiredMark={false}>
        <Form.Item name="username" label={messages.username} rules={[{ required: true, message: messages.needed }]}>
          <Input autoComplete="username" autoFocus />
        </Form.Item>
        <Form.Item name="password" label={messages.password} rules={[{ required: true, message: messages.needed }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={isBusy} block>
          {messages.login}
        </Button>
      </Form>
      {demo && (
        <p className="quiet">
          {messages.demoLogin}{" "}
          <Button type="link" style={{ padding: 0 }} onClick={() => form.setFieldsValue(demo)}>
            {demo.username} / {demo.password}
          </Button>
        </p>
      )}
    </main>
  );
}
