-- SPDX-License-Identifier: GPL-3.0-or-later

-- What a server delivers apart from the answer.
ALTER TABLE completion ADD COLUMN reasoning TEXT NOT NULL DEFAULT '';

-- What a run has paid for: a small row that each completion updates (a row of `run` holds the whole
-- recipe).
CREATE TABLE run_usage (
    run_id INTEGER PRIMARY KEY REFERENCES run,
    completions INTEGER NOT NULL DEFAULT 0,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    cost REAL NOT NULL DEFAULT 0
) STRICT;
INSERT INTO run_usage (run_id, completions, prompt_tokens, completion_tokens, cost)
SELECT r.id, count(c.id), ifnull(sum(c.prompt_tokens), 0), ifnull(sum(c.completion_tokens), 0), r.cost
FROM run r LEFT JOIN completion c ON c.run_id = r.id GROUP BY r.id;
ALTER TABLE run DROP COLUMN cost;

-- Items by what is to be done about them: open ones, failed ones and all counts come from the first
-- index alone. Each item passes through it several times, so there is no other one on its state.
DROP INDEX work_item_state;
DROP INDEX work_item_failed;
CREATE INDEX work_item_state ON work_item (state, run_id, stage_term);
CREATE INDEX work_item_error ON work_item (error_code) WHERE error_code IS NOT NULL;
