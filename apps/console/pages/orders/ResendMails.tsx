/** Mails of an order that never came go once more: how many is said first, then a reason is asked for, then it is done. */
import { Alert, Button, Form, Input, Modal } from "antd";
import { useState } from "react";
import { ask } from "../../lib/api.ts";
import { useMessages } from "../../lib/messages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";

type Props = { readonly orderNo: string; readonly done: () => void };

export function ResendMails({ orderNo, done }: Props) {
  const messages = useMessages();
  const { orders } = messages;
  const [form] = Form.useForm<{ readonly reason: string }>();
  const [isOpen, setOpen] = useState(false);
  const [tried, setTried] = useState<number | null>(null);
  const [sent, setSent] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);

  async function act({ reason }: { readonly reason: string }) {
    setBusy(true);
    setTrouble(null);
    const isDryRun = tried === null;
    try {
      const { count } = await ask("POST /api/operations/orders/:orderNo/resend-mails", {
        params: { orderNo },
        body: { reason: reason.trim(), isDryRun },
      });
      if (isDryRun) setTried(count);
      else {
        setSent(count);
        setOpen(false);
        done();
      }
    } catch (error) {
      setTrouble(error);
    }
    setBusy(false);
  }

  const open = () => {
    form.resetFields();
    setTried(null);
    setSent(null);
    setTrouble(null);
    setOpen(true);
  };

  return (
    <>
      <Button onClick={open} style={{ marginTop: 12 }}>
        {orders.resend}
      </Button>
      {sent !== null && <Alert type="success" showIcon role="status" title={orders.resendDone + String(sent)} />}
      <Modal
        open={isOpen}
        title={orders.resend}
        onCancel={() => setOpen(false)}
        cancelText={messages.cancel}
        okText={tried === null ? messages.dryRun : messages.confirm}
        okButtonProps={{ loading: isBusy, disabled: tried === 0 }}
        onOk={() => form.submit()}
      >
        <Form form={form} layout="vertical" onFinish={(given) => void act(given)}>
          <Form.Item
            name="reason"
            label={messages.reason}
            rules={[{ required: true, whitespace: true, message: messages.reasonNeeded }]}
          >
            <Input maxLength={200} autoFocus />
          </Form.Item>
        </Form>
        {tried !== null && (
          <Alert type="info" title={tried === 0 ? orders.resendNone : orders.resendTry + String(tried)} />
        )}
        {trouble !== null && <Trouble error={trouble} />}
      </Modal>
    </>
  );
}
