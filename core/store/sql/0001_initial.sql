-- SPDX-License-Identifier: GPL-3.0-or-later
-- The lineage graph. Rows of the graph are added, never overwritten; *_row tables are derived from them.
--
-- Encodings used in all tables:
--   key            16 bytes for a content hash of 32 hex digits, else a zero byte and the text as it is
--   *_term         row of `term`; 0 is the empty text
--   mode           0 direct, 1 bug-injection, 2 contrastive, 3 recorded
--   conclusion     0 correct, 1 incorrect
--   outcome        0 yes, 1 no, 2 undecided
--   subject_kind   0 problem, 1 solution, 2 critique
--   steps          count from 0; -1 is "no error"; NULL is "not known"
--   *_at           milliseconds since 1970 UTC
PRAGMA application_id = 1396920916; -- "SCRT"

-- Short texts that repeat: names of data sets, models, people, protocols.
CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO term (id, text) VALUES (0, '');

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_batch (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'cancelled', 'failed')),
    lines INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    existing INTEGER NOT NULL DEFAULT 0,
    bad INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

-- ---- problem → solution → critique

CREATE TABLE problem (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    source_term INTEGER NOT NULL REFERENCES term,
    split_term INTEGER NOT NULL REFERENCES term,
    subject_term INTEGER NOT NULL REFERENCES term,
    level_term INTEGER NOT NULL REFERENCES term,
    licence_term INTEGER NOT NULL REFERENCES term,
    external_id TEXT NOT NULL,
    reference_answer TEXT NOT NULL,
    choices TEXT, -- JSON list; NULL: not a multiple-choice problem
    text TEXT NOT NULL,
    reference_solution TEXT NOT NULL
) STRICT;

CREATE TABLE solution (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    problem_id INTEGER NOT NULL REFERENCES problem,
    author_term INTEGER NOT NULL REFERENCES term,
    source_term INTEGER NOT NULL REFERENCES term,
    external_id TEXT NOT NULL,
    steps TEXT NOT NULL, -- "begin-end begin-end …", byte offsets into text
    steps_given INTEGER NOT NULL CHECK (steps_given IN (0, 1)),
    final_answer TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX solution_external ON solution (external_id) WHERE external_id <> '';

-- A rendered prompt by the hash of its text.
CREATE TABLE prompt (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    encoding TEXT NOT NULL CHECK (encoding IN ('plain', 'zstd')),
    text BLOB NOT NULL
) STRICT;

-- Backends and trained models. Settings are JSON without secrets.
CREATE TABLE model (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',
    parent_id INTEGER REFERENCES model,
    training_id INTEGER REFERENCES training,
    created_at INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;

-- One evolution round of a recipe.
CREATE TABLE round (
    id INTEGER PRIMARY KEY,
    series TEXT NOT NULL,
    number INTEGER NOT NULL,
    recipe TEXT NOT NULL,
    policy TEXT NOT NULL DEFAULT '{}',
    seed INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'failed', 'stopped')),
    stage TEXT NOT NULL DEFAULT '',
    base_model_id INTEGER REFERENCES model,
    result_model_id INTEGER REFERENCES model,
    report TEXT NOT NULL DEFAULT '{}',
    started_at INTEGER,
    finished_at INTEGER,
    UNIQUE (series, number)
) STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    recipe TEXT NOT NULL,
    recipe_text TEXT NOT NULL DEFAULT '',
    settings TEXT NOT NULL DEFAULT '{}',
    filter TEXT NOT NULL DEFAULT '',
    seed INTEGER NOT NULL DEFAULT 0,
    round_id INTEGER REFERENCES round,
    state TEXT NOT NULL
        CHECK (state IN ('planned', 'running', 'paused', 'stopped', 'done', 'failed')),
    error TEXT NOT NULL DEFAULT '',
    cost REAL NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER
) STRICT;

-- A unit of work that is done once. Its end and its result are stored in one transaction.
CREATE TABLE work_item (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES run,
    stage_term INTEGER NOT NULL REFERENCES term,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    sample INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'running', 'done', 'failed', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    error_code TEXT,
    error TEXT,
    next_try_at INTEGER,
    result_kind TEXT,
    result_id INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    UNIQUE (run_id, stage_term, subject_kind, subject_id, sample)
) STRICT;
CREATE INDEX work_item_state ON work_item (run_id, state, next_try_at);
CREATE INDEX work_item_failed ON work_item (error_code) WHERE state = 'failed';

-- What a model answered; also the cache of paid work.
CREATE TABLE completion (
    id INTEGER PRIMARY KEY,
    cache_key BLOB NOT NULL UNIQUE,
    model_id INTEGER REFERENCES model,
    run_id INTEGER REFERENCES run,
    prompt_hash BLOB,
    sampling TEXT NOT NULL DEFAULT '{}',
    seed INTEGER,
    sample INTEGER NOT NULL DEFAULT 0,
    finish_reason TEXT NOT NULL DEFAULT '',
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    completion_tokens INTEGER NOT NULL DEFAULT 0,
    latency_seconds REAL NOT NULL DEFAULT 0,
    queue_seconds REAL NOT NULL DEFAULT 0,
    cost REAL NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    text TEXT NOT NULL,
    logprobs BLOB
) STRICT;

CREATE TABLE critique (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL UNIQUE,
    solution_id INTEGER NOT NULL REFERENCES solution,
    reference_id INTEGER REFERENCES solution,
    mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 3),
    critic_term INTEGER NOT NULL REFERENCES term,
    round INTEGER NOT NULL,
    source_term INTEGER NOT NULL REFERENCES term,
    external_id TEXT NOT NULL,
    prompt_hash BLOB,
    seed INTEGER,
    completion_id INTEGER REFERENCES completion,
    correction_text TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;

-- What a parser read in a critique; the row with the highest id is the current one.
CREATE TABLE critique_parse (
    id INTEGER PRIMARY KEY,
    critique_id INTEGER NOT NULL REFERENCES critique,
    parser_term INTEGER NOT NULL REFERENCES term,
    conclusion INTEGER CHECK (conclusion IN (0, 1)),
    first_error_step INTEGER,
    flags INTEGER NOT NULL,
    used_end INTEGER NOT NULL,
    correction_answer TEXT NOT NULL,
    parts TEXT NOT NULL, -- JSON, see core/store/codec.h
    UNIQUE (critique_id, parser_term)
) STRICT;

-- An incorrect (or correct) solution and the correct one its critic is shown.
CREATE TABLE pair (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES run,
    solution_id INTEGER NOT NULL REFERENCES solution,
    reference_id INTEGER NOT NULL REFERENCES solution,
    UNIQUE (run_id, solution_id, reference_id)
) STRICT;

-- ---- judgements

CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    verifier_term INTEGER NOT NULL REFERENCES term,
    protocol_term INTEGER NOT NULL REFERENCES term,
    source_term INTEGER NOT NULL REFERENCES term,
    outcome INTEGER NOT NULL CHECK (outcome BETWEEN 0 AND 2),
    score REAL,
    step INTEGER,
    rule TEXT NOT NULL,
    evidence TEXT NOT NULL,
    cost REAL NOT NULL,
    completion_id INTEGER REFERENCES completion,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX verdict_subject ON verdict (subject_kind, subject_id);

CREATE TABLE annotator (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE annotation (
    id INTEGER PRIMARY KEY,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    annotator_id INTEGER NOT NULL REFERENCES annotator,
    kind TEXT NOT NULL CHECK (kind <> ''),
    value TEXT NOT NULL,
    comment TEXT NOT NULL,
    seconds REAL NOT NULL,
    supersedes INTEGER REFERENCES annotation,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX annotation_subject ON annotation (subject_kind, subject_id);

-- A review queue: what to look at, in which order, drawn how.
CREATE TABLE review_plan (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    filter TEXT NOT NULL DEFAULT '',
    strategy TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '{}',
    seed INTEGER NOT NULL DEFAULT 0,
    blind INTEGER NOT NULL DEFAULT 0 CHECK (blind IN (0, 1)),
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE review_item (
    plan_id INTEGER NOT NULL REFERENCES review_plan,
    position INTEGER NOT NULL,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    stratum TEXT NOT NULL DEFAULT '',
    weight REAL NOT NULL DEFAULT 1,
    gold TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'skipped')),
    PRIMARY KEY (plan_id, position)
) STRICT, WITHOUT ROWID;

-- ---- data sets, training, evaluation

CREATE TABLE dataset_export (
    id INTEGER PRIMARY KEY,
    folder TEXT NOT NULL,
    view TEXT NOT NULL,
    filter TEXT NOT NULL,
    manifest TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE export_member (
    export_id INTEGER NOT NULL REFERENCES dataset_export,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    split TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (export_id, subject_kind, subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX export_member_subject ON export_member (subject_kind, subject_id);

CREATE TABLE training (
    id INTEGER PRIMARY KEY,
    round_id INTEGER REFERENCES round,
    trainer TEXT NOT NULL,
    base_model_id INTEGER REFERENCES model,
    export_id INTEGER REFERENCES dataset_export,
    settings TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL
        CHECK (state IN ('planned', 'running', 'stopped', 'done', 'failed')),
    error TEXT NOT NULL DEFAULT '',
    external_job TEXT NOT NULL DEFAULT '',
    output TEXT NOT NULL DEFAULT '',
    losses TEXT NOT NULL DEFAULT '[]',
    started_at INTEGER,
    finished_at INTEGER
) STRICT;

-- An evaluation set, frozen by the hash of its members; they never enter training.
CREATE TABLE frozen_set (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE frozen_set_member (
    set_id INTEGER NOT NULL REFERENCES frozen_set,
    subject_kind INTEGER NOT NULL CHECK (subject_kind BETWEEN 0 AND 2),
    subject_id INTEGER NOT NULL,
    PRIMARY KEY (set_id, subject_kind, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE evaluation (
    id INTEGER PRIMARY KEY,
    suite TEXT NOT NULL,
    model_id INTEGER REFERENCES model,
    round_id INTEGER REFERENCES round,
    run_id INTEGER REFERENCES run,
    set_id INTEGER REFERENCES frozen_set,
    settings TEXT NOT NULL DEFAULT '{}',
    state TEXT NOT NULL
        CHECK (state IN ('planned', 'running', 'stopped', 'done', 'failed')),
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE TABLE evaluation_item (
    evaluation_id INTEGER NOT NULL REFERENCES evaluation,
    solution_id INTEGER NOT NULL REFERENCES solution,
    sample INTEGER NOT NULL DEFAULT 0,
    critique_id INTEGER REFERENCES critique,
    outcome TEXT NOT NULL,
    PRIMARY KEY (evaluation_id, solution_id, sample)
) STRICT, WITHOUT ROWID;
CREATE TABLE evaluation_score (
    id INTEGER PRIMARY KEY,
    evaluation_id INTEGER NOT NULL REFERENCES evaluation,
    protocol TEXT NOT NULL,
    dataset TEXT NOT NULL, -- '' is the total
    metric TEXT NOT NULL,
    n INTEGER NOT NULL,
    value REAL,
    low REAL,
    high REAL,
    details TEXT NOT NULL DEFAULT '{}',
    UNIQUE (evaluation_id, protocol, dataset, metric)
) STRICT;

-- ---- derived rows: what lists show and filters test, kept by core/store/derived.cpp in the same
-- transaction. `label` of an annotation: 0 agree, 1 disagree, 2 unsure.

CREATE TABLE problem_row (
    id INTEGER PRIMARY KEY,
    source_term INTEGER NOT NULL,
    split_term INTEGER NOT NULL,
    subject_term INTEGER NOT NULL,
    level_term INTEGER NOT NULL,
    annotated INTEGER NOT NULL DEFAULT 0,
    label INTEGER,
    excerpt TEXT NOT NULL
) STRICT;
CREATE INDEX problem_row_source ON problem_row (source_term);

CREATE TABLE solution_row (
    id INTEGER PRIMARY KEY,
    problem_id INTEGER NOT NULL,
    source_term INTEGER NOT NULL, -- its own, else the problem's
    split_term INTEGER NOT NULL,
    subject_term INTEGER NOT NULL,
    level_term INTEGER NOT NULL,
    student_term INTEGER NOT NULL,
    human INTEGER,     -- outcome of the newest verdict of a person,
    answer INTEGER,    -- of answer_match,
    told INTEGER,      -- of the label "label/answer"
    correct INTEGER GENERATED ALWAYS AS (CASE WHEN human < 2 THEN 1 - human
                                              WHEN answer < 2 THEN 1 - answer
                                              WHEN told < 2 THEN 1 - told END) STORED,
    label_step INTEGER, -- first wrong step of the newest label "label/first-error"
    arithmetic INTEGER,
    annotated INTEGER NOT NULL DEFAULT 0,
    label INTEGER
) STRICT;
CREATE INDEX solution_row_problem ON solution_row (problem_id);
CREATE INDEX solution_row_source ON solution_row (source_term);
CREATE INDEX solution_row_student ON solution_row (student_term);
CREATE INDEX solution_row_correct ON solution_row (correct);

CREATE TABLE critique_row (
    id INTEGER PRIMARY KEY,
    problem_id INTEGER NOT NULL,
    solution_id INTEGER NOT NULL,
    source_term INTEGER NOT NULL, -- its own, else the solution's
    split_term INTEGER NOT NULL,
    subject_term INTEGER NOT NULL,
    level_term INTEGER NOT NULL,
    student_term INTEGER NOT NULL,
    correct INTEGER,
    label_step INTEGER,
    mode INTEGER NOT NULL,
    critic_term INTEGER NOT NULL,
    round INTEGER NOT NULL,
    conclusion INTEGER,
    first_error INTEGER,
    flags INTEGER NOT NULL DEFAULT 0,
    validated INTEGER,
    answer INTEGER,
    arithmetic INTEGER,          -- of the critique itself
    solution_arithmetic INTEGER, -- of its solution
    annotated INTEGER NOT NULL DEFAULT 0,
    label INTEGER,
    tokens INTEGER NOT NULL
) STRICT;
CREATE INDEX critique_row_problem ON critique_row (problem_id);
CREATE INDEX critique_row_solution ON critique_row (solution_id);
CREATE INDEX critique_row_source ON critique_row (source_term);
CREATE INDEX critique_row_critic ON critique_row (critic_term);
CREATE INDEX critique_row_student ON critique_row (student_term);
CREATE INDEX critique_row_round ON critique_row (round);
CREATE INDEX critique_row_conclusion ON critique_row (conclusion);
CREATE INDEX critique_row_first_error ON critique_row (first_error, conclusion);
CREATE INDEX critique_row_outcome ON critique_row (validated, answer);
CREATE INDEX critique_row_answer ON critique_row (answer) WHERE answer IS NOT NULL;
CREATE INDEX critique_row_flags ON critique_row (flags) WHERE flags <> 0;
CREATE INDEX critique_row_annotated ON critique_row (label) WHERE annotated <> 0;
CREATE INDEX critique_row_tokens ON critique_row (tokens) WHERE tokens <> 0;

-- Tags in force.
CREATE TABLE tag_row (
    subject_kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (subject_kind, subject_id, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_row_tag ON tag_row (tag, subject_kind, subject_id);
