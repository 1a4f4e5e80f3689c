/** What is said of a run: first a dry run, then, with its numbers before one's eyes and typed where they are many, the act itself. */
import { type RunActAnswer, type RunActName, runActs, type RunView } from "@chepiao/contracts";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useMessages } from "../../lib/messages.tsx";
import { Trouble } from "../../lib/Trouble.tsx";
import { ActMeans } from "./ActMeans.tsx";
import { type ActFields, askAct } from "./askAct.ts";

export function RunActs({ run, done }: { readonly run: RunView; readonly done: () => void }) {
  const { runs } = useMessages();
  const [act, choose] = useState<RunActName | null>(null);
  return (
    <Card size="small" title={runs.act} extra={<span className="quiet">{runs.actHint}</span>}>
      <Select<RunActName>
        aria-label={runs.act}
        placeholder={runs.act}
        value={act}
        onChange={choose}
        style={{ width: "100%", maxWidth: 320 }}
        options={runActs.map((value) => ({ value, label: runs.acts[value] }))}
      />
      {act && <p className="quiet">{runs.actsMean[act]}</p>}
      {act && <ActForm key={act} act={act} run={run} done={done} />}
    </Card>
  );
}

/** What a dry run has answered, and to what: what is asked otherwise since is asked dry first. */
type Trial = { readonly fields: ActFields; readonly answer: RunActAnswer };

function ActForm({ act, run, done }: { readonly act: RunActName; readonly run: RunView; readonly done: () => void }) {
  const messages = useMessages();
  const { runs } = messages;
  const [trial, setTrial] = useState<Trial | null>(null);
  const dry = useMutation({
    mutationFn: async (fields: ActFields) => ({ fields, answer: await askAct(run, act, fields, true) }),
    onSuccess: setTrial,
    onError: () => setTrial(null),
  });
  const really = useMutation({
    mutationFn: async ({ fields, confirm }: { fields: ActFields; confirm: number | null }) =>
      askAct(run, act, fields, false, confirm),
    onSuccess: () => {
      setTrial(null);
      done();
    },
  });
  const forget = () => {
    setTrial(null);
    dry.reset();
    really.reset();
  };
  return (
    <>
      <Form<ActFields>
        layout="vertical"
        onFinish={(fields) => dry.mutate(fields)}
        onValuesChange={forget}
        className="act"
      >
        <Fields act={act} run={run} />
        <Form.Item
          name="reason"
          label={messages.reason}
          rules={[{ required: true, whitespace: true, message: messages.reasonNeeded }]}
        >
          <Input maxLength={200} placeholder={runs.reasonHint} />
        </Form.Item>
        <Button htmlType="submit" type={trial ? "default" : "primary"} loading={dry.isPending}>
          {runs.trial}
        </Button>
      </Form>
      {dry.isError && <Trouble error={dry.error} />}
      {trial && (
        <Confirmation
          key={JSON.stringify(trial)}
          act={act}
          answer={trial.answer}
          isPending={really.isPending}
          confirmed={(confirm) => really.mutate({ fields: trial.fields, confirm })}
        />
      )}
      {really.isError && <Trouble error={really.error} />}
      {really.isSuccess && (
        <Alert
          type="success"
          showIcon
          role="status"
          title={really.data.isSaid ? runs.already : runs.doneText(runs.acts[act])}
        />
      )}
    </>
  );
}

function Fields({ act, run }: { readonly act: RunActName; readonly run: RunView }) {
  const messages = useMessages();
  const { runs } = messages;
  const rules = [{ required: true, message: messages.needed }];
  const stations = run.stops.map(({ stationId, name }) => ({ value: stationId, label: name }));
  const coaches = run.coaches.filter(({ isThere, isWithdrawn }) => isThere && (act !== "reinstate" || isWithdrawn));
  return (
    <>
      {act === "shorten" && (
        <>
          <Form.Item name="from" label={runs.from} rules={rules}>
            <Select options={stations} />
          </Form.Item>
          <Form.Item name="to" label={runs.to} rules={rules}>
            <Select options={stations} />
          </Form.Item>
        </>
      )}
      {(act === "cancel" || act === "shorten") && (
        <Form.Item name="chooseHours" label={runs.chooseHours} extra={runs.chooseHint}>
          <InputNumber min={0} max={72} precision={0} />
        </Form.Item>
      )}
      {(act === "withdraw" || act === "lose" || act === "reinstate") && (
        <Form.Item name="coachNos" label={runs.coachNos} rules={rules}>
          <Select mode="multiple" options={coaches.map(({ no }) => ({ value: no, label: runs.coachNo(no) }))} />
        </Form.Item>
      )}
      {act === "exchange" && (
        <Form.Item name="composition" label={runs.composition} rules={rules}>
          <Select
            showSearch
            options={run.compositions
              .filter((code) => code !== run.composition)
              .map((code) => ({ value: code, label: code }))}
          />
        </Form.Item>
      )}
    </>
  );
}

type ConfirmationProps = {
  readonly act: RunActName;
  readonly answer: RunActAnswer;
  readonly isPending: boolean;
  /** With the number that was typed; null where none is needed. */
  readonly confirmed: (tickets: number | null) => void;
};

function Confirmation({ act, answer, isPending, confirmed }: ConfirmationProps) {
  const { runs } = useMessages();
  const tickets = answer.giveBack?.tickets ?? answer.moves?.confirm ?? 0;
  const isMany = tickets > answer.confirmAbove;
  if (answer.isSaid && act !== "cancel" && act !== "shorten")
    return <Alert type="info" showIcon title={runs.already} />;
  return (
    <section aria-label={runs.trialSays}>
      <Alert type="warning" showIcon role="status" title={answer.isSaid ? runs.already : runs.trialSays} />
      <ActMeans answer={answer} />
      <Form<{ tickets?: number }>
        layout="vertical"
        className="act"
        onFinish={({ tickets: typed }) => confirmed(isMany ? (typed ?? null) : null)}
      >
        {isMany && (
          <Form.Item
            name="tickets"
            label={runs.confirmTickets(tickets)}
            rules={[{ required: true, type: "number", min: tickets, max: tickets, message: runs.confirmWrong }]}
          >
            <InputNumber precision={0} controls={false} inputMode="numeric" />
          </Form.Item>
        )}
        <Button danger type="primary" htmlType="submit" loading={isPending}>
          {runs.doIt(runs.acts[act])}
        </Button>
      </Form>
    </section>
  );
}
