--: take
SELECT t.verdicts, t.there, t.run_ids, t.fences, t.name, t.places, t.job_names
FROM cicada.take_steps($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                       $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                       $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44) AS t;

--: claim
SELECT c.node_name, c.id, c.job_name, c.kind, c.origin, c.nominal, c.attempt, c.lost, c.fence,
       c.run_at, c.is_asked_to_end, c.arguments, c.key, c.reason, c.log, c.report, c.job, c.epoch,
       c.number, c.missed, c.began_at, c.label, c.policy
FROM cicada.claim_runs($1, $2, $3, $4, $5, $6, $7) AS c;

--: stretches
SELECT cicada.record_stretches($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
