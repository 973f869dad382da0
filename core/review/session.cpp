// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/session.h"

#include "core/base/clock.h"
#include "core/review/answer_change.h"
#include "core/review/facts.h"
#include "core/store/review_reader.h"
#include "core/store/review_writer.h"

#include <algorithm>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::Annotation;
using model::SubjectKind;
using store::ReviewMarkState;

// Returns the error of an Expected, else goes on with its value.
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses
#define SCRIT_GET(target, expression)                                                              \
    auto target##Result = (expression);                                                            \
    if (!target##Result) {                                                                         \
        return fail(std::move(target##Result.error()));                                            \
    }                                                                                              \
    auto& target = *target##Result
// NOLINTEND(bugprone-macro-parentheses)

} // namespace

struct Session::State {
    std::shared_ptr<store::Workspace> workspace;
    std::unique_ptr<store::Reader> reader;
    store::ReviewReader reviews;
    Plan plan;
    std::string annotator;
    std::int64_t annotatorId = 0; // 0: has not stored anything yet
    Rescorer rescorer;
    std::optional<std::int64_t> position;
    std::int64_t lastAt = 0; // of the newest entry: times of entries grow, whatever the clock does

    State(std::shared_ptr<store::Workspace> shared, std::unique_ptr<store::Reader> own)
        : workspace(std::move(shared)), reader(std::move(own)), reviews(*reader) {}

    // Everything about one place.
    struct Place {
        store::ReviewItemRow item;
        std::optional<store::ReviewMark> mark;
        store::CritiqueFacts facts;
        [[nodiscard]] bool isDone() const { return mark && mark->state == ReviewMarkState::Done; }
    };
    Expected<Place> place(std::int64_t at);
    Expected<std::vector<Annotation>> annotationsAt(const Place& place);
    Expected<Item> itemOf(const Place& place);
    Expected<Item> itemAt(std::int64_t at);
    Expected<std::optional<Item>> moveTo(std::optional<std::int64_t> to);
    Expected<std::optional<std::int64_t>> openFrom(std::int64_t after);
    Expected<Progress> progress();

    // An entry with its annotations and what follows, in one transaction.
    struct Change {
        std::int64_t position = 0;
        std::int64_t problemId = 0;
        std::string kind;
        std::string undoesUid;
        std::vector<Annotation> rows;
        std::optional<int> gold;
    };
    Expected<std::int64_t> store(Change change);
    Expected<std::vector<Annotation>> replacedBy(const Judgement& judgement, const Place& place,
                                                 const std::vector<Annotation>& annotations);
    Expected<Submitted> afterStoring(std::int64_t at, std::int64_t rescored);
    [[nodiscard]] bool isHidden(const Place& place) const { return plan.blind && !place.isDone(); }
};

Expected<Session::State::Place> Session::State::place(std::int64_t at) {
    SCRIT_GET(item, reviews.item(plan.id, at));
    if (!item) {
        return fail(ErrorCode::NotFound,
                    "the review plan \"" + plan.name + "\" has no item " + std::to_string(at));
    }
    SCRIT_GET(mark, reviews.mark(plan.id, annotatorId, at));
    SCRIT_GET(facts, reviews.facts(item->critiqueId));
    if (!facts) {
        return fail(ErrorCode::Corrupt, "there is no critique " + std::to_string(item->critiqueId));
    }
    return Place{std::move(*item), std::move(mark), std::move(*facts)};
}

// Of the critique and of its problem.
Expected<std::vector<Annotation>> Session::State::annotationsAt(const Place& place) {
    SCRIT_GET(annotations, reviews.annotations(SubjectKind::Critique, place.item.critiqueId));
    SCRIT_GET(ofProblem, reviews.annotations(SubjectKind::Problem, place.item.problemId));
    annotations.insert(annotations.end(), ofProblem.begin(), ofProblem.end());
    return std::move(annotations);
}

Expected<Item> Session::State::itemOf(const Place& place) {
    Item item;
    item.position = place.item.position;
    item.critiqueId = place.item.critiqueId;
    item.solutionId = place.item.solutionId;
    item.problemId = place.item.problemId;
    item.hideVerdicts = isHidden(place);
    if (place.mark) {
        item.state = place.isDone() ? ItemState::Done : ItemState::Skipped;
    }
    if (!place.isDone()) {
        return item;
    }
    item.stratum = place.item.stratum;
    item.weight = place.item.weight;
    SCRIT_GET(annotations, annotationsAt(place));
    item.mine = judgementOf(annotations, annotator);
    if (const auto known = goldFromText(place.item.gold)) {
        item.gold =
            GoldResult{*known, item.mine ? givesGold(*known, *item.mine, opinionOf(place.facts))
                                         : std::nullopt};
    }
    return item;
}

Expected<Item> Session::State::itemAt(std::int64_t at) {
    SCRIT_GET(found, place(at));
    return itemOf(found);
}

Expected<std::optional<Item>> Session::State::moveTo(std::optional<std::int64_t> to) {
    if (!to) {
        return std::nullopt;
    }
    SCRIT_GET(item, itemAt(*to));
    position = *to;
    return std::move(item);
}

// The first open place after one, else from the start.
Expected<std::optional<std::int64_t>> Session::State::openFrom(std::int64_t after) {
    for (const std::int64_t from : {after, std::int64_t{-1}}) {
        SCRIT_GET(open, reviews.openAfter(plan.id, annotatorId, from, 1));
        if (!open.empty()) {
            return open.front();
        }
    }
    return std::nullopt;
}

Expected<Progress> Session::State::progress() {
    SCRIT_GET(row, reviews.progress(plan.id, annotatorId));
    SCRIT_GET(anyone, reviews.doneByAnyone(plan.id));
    return Progress{plan.items, row.done, row.skipped, anyone, row.goldSeen, row.goldRight};
}

Expected<std::int64_t> Session::State::store(Change change) {
    lastAt = std::max(base::unixMillis(), lastAt + 1);
    for (Annotation& row : change.rows) {
        row.createdAt = lastAt;
    }
    SCRIT_GET(verdicts, verdictsAfter(reviews, change.problemId, change.rows, rescorer));
    store::ReviewEntry entry;
    entry.planId = plan.id;
    entry.position = change.position;
    entry.annotator = annotator;
    entry.kind = change.kind;
    entry.undoesUid = change.undoesUid;
    entry.createdAt = lastAt;
    std::int64_t rescored = 0;
    auto written = workspace->write([&](store::Writer& writer) -> Expected<void> {
        store::ReviewWriter reviewWriter(writer);
        if (auto added = reviewWriter.addEntry(entry, change.rows); !added) {
            return fail(std::move(added.error()));
        }
        SCRIT_GET(scored, addVerdicts(writer, verdicts));
        rescored = scored;
        return reviewWriter.refreshMark(plan.id, annotator, change.position, change.gold);
    });
    if (!written) {
        return fail(std::move(written.error()));
    }
    if (annotatorId == 0) {
        SCRIT_GET(id, reviews.annotatorId(annotator));
        annotatorId = id;
    }
    return rescored;
}

// The rows in force that a judgement of this place stands in for: all that this annotator says
// about the critique, and about the problem's answer what it says again or was said here before.
Expected<std::vector<Annotation>>
Session::State::replacedBy(const Judgement& judgement, const Place& place,
                           const std::vector<Annotation>& annotations) {
    std::vector<Annotation> replaced = standingOf(annotations, annotator);
    if (judgement.repairedAnswer) {
        return replaced;
    }
    std::vector<Annotation> saidHere;
    if (place.isDone()) {
        SCRIT_GET(rows, reviews.annotationsOfEntry(place.mark->entryUid));
        saidHere = std::move(rows);
    }
    std::erase_if(replaced, [&](const Annotation& row) {
        return row.subject == SubjectKind::Problem &&
               std::none_of(saidHere.begin(), saidHere.end(),
                            [&](const Annotation& one) { return one.id == row.id; });
    });
    return replaced;
}

Expected<Submitted> Session::State::afterStoring(std::int64_t at, std::int64_t rescored) {
    SCRIT_GET(found, place(at));
    SCRIT_GET(item, itemOf(found));
    Submitted submitted;
    if (item.mine) {
        submitted.reveal.machine = opinionOf(found.facts);
        submitted.reveal.difference = differenceOf(*item.mine, submitted.reveal.machine);
    }
    submitted.item = std::move(item);
    SCRIT_GET(now, progress());
    submitted.progress = now;
    submitted.rescored = rescored;
    SCRIT_GET(open, openFrom(at));
    SCRIT_GET(next, moveTo(open));
    submitted.next = std::move(next);
    if (!submitted.next) {
        position.reset();
    }
    return submitted;
}

Session::Session(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Session::~Session() = default;

Expected<std::unique_ptr<Session>> Session::open(std::shared_ptr<store::Workspace> workspace,
                                                 std::string_view plan, std::string_view annotator,
                                                 Rescorer rescorer) {
    if (auto checked = checkAnnotator(annotator); !checked) {
        return fail(std::move(checked.error()));
    }
    SCRIT_GET(reader, workspace->reader());
    auto state = std::make_unique<State>(std::move(workspace), std::move(reader));
    SCRIT_GET(found, findPlan(*state->reader, plan));
    state->plan = std::move(found);
    state->annotator = annotator;
    state->rescorer = std::move(rescorer);
    SCRIT_GET(id, state->reviews.annotatorId(state->annotator));
    state->annotatorId = id;
    SCRIT_GET(last, state->reviews.lastStanding(state->plan.id, id));
    state->lastAt = last ? last->createdAt : 0;
    SCRIT_GET(open, state->openFrom(last ? last->position : -1));
    state->position = open;
    return std::unique_ptr<Session>(new Session(std::move(state)));
}

const Plan& Session::plan() const {
    return m_state->plan;
}

const std::string& Session::annotator() const {
    return m_state->annotator;
}

Expected<Progress> Session::progress() {
    return m_state->progress();
}

Expected<std::optional<Item>> Session::current() {
    return m_state->moveTo(m_state->position);
}

Expected<std::optional<Item>> Session::next() {
    SCRIT_GET(open, m_state->openFrom(m_state->position.value_or(-1)));
    return m_state->moveTo(open);
}

Expected<std::optional<Item>> Session::previous() {
    const std::int64_t at = m_state->position.value_or(m_state->plan.items);
    return m_state->moveTo(at > 0 ? std::optional(at - 1) : std::nullopt);
}

Expected<Item> Session::goTo(std::int64_t position) {
    SCRIT_GET(item, m_state->itemAt(position));
    m_state->position = position;
    return std::move(item);
}

Expected<std::optional<Item>> Session::nextSkipped() {
    const State& state = *m_state;
    for (const std::int64_t from : {state.position.value_or(-1), std::int64_t{-1}}) {
        SCRIT_GET(found, m_state->reviews.skippedAfter(state.plan.id, state.annotatorId, from));
        if (found) {
            return m_state->moveTo(found);
        }
    }
    return std::nullopt;
}

Expected<std::vector<Item>> Session::upcoming(int count) {
    State& state = *m_state;
    const std::int64_t at = state.position.value_or(-1);
    SCRIT_GET(after, state.reviews.openAfter(state.plan.id, state.annotatorId, at, count));
    if (after.size() < static_cast<std::size_t>(std::max(count, 0))) {
        SCRIT_GET(start, state.reviews.openAfter(state.plan.id, state.annotatorId, -1, count));
        for (const std::int64_t one : start) {
            if (one < at && after.size() < static_cast<std::size_t>(count)) {
                after.push_back(one);
            }
        }
    }
    std::vector<Item> items;
    for (const std::int64_t one : after) {
        SCRIT_GET(item, state.itemAt(one));
        items.push_back(std::move(item));
    }
    return items;
}

Expected<std::vector<Item>> Session::items(std::int64_t from, int limit) {
    State& state = *m_state;
    SCRIT_GET(rows, state.reviews.items(state.plan.id, from, limit));
    SCRIT_GET(marks, state.reviews.marks(state.plan.id, state.annotatorId, from, limit));
    std::vector<Item> items;
    items.reserve(rows.size());
    auto mark = marks.begin();
    for (const store::ReviewItemRow& row : rows) {
        while (mark != marks.end() && mark->position < row.position) {
            ++mark;
        }
        const bool marked = mark != marks.end() && mark->position == row.position;
        const bool done = marked && mark->state == ReviewMarkState::Done;
        Item& item = items.emplace_back();
        item.position = row.position;
        item.critiqueId = row.critiqueId;
        item.solutionId = row.solutionId;
        item.problemId = row.problemId;
        item.state = done ? ItemState::Done : marked ? ItemState::Skipped : ItemState::Open;
        item.hideVerdicts = state.plan.blind && !done;
    }
    return items;
}

Expected<std::optional<std::int64_t>> Session::positionOf(std::int64_t critiqueId) {
    return m_state->reviews.positionOf(m_state->plan.id, critiqueId);
}

Expected<Submitted> Session::submit(std::int64_t position, const Judgement& judgement) {
    State& state = *m_state;
    SCRIT_GET(place, state.place(position));
    SCRIT_GET(steps, state.reviews.stepCount(place.item.solutionId));
    Judgement said = judgement;
    said.annotator = state.annotator;
    if (said.impliedAgreement) {
        said.agreement.reset();
    }
    if (said.impliedValidity) {
        said.validity.reset();
    }
    said.impliedAgreement = said.impliedValidity = false;
    if (auto checked = checkJudgement(said, steps); !checked) {
        return fail(std::move(checked.error()));
    }
    if (said.agreement && state.isHidden(place)) {
        return fail(ErrorCode::Invalid,
                    "the review is blind: nobody can agree with a verdict that is hidden",
                    "say whether the critique is valid");
    }
    const MachineOpinion machine = opinionOf(place.facts);
    const Judgement whole = completed(said, machine);
    SCRIT_GET(annotations, state.annotationsAt(place));
    SCRIT_GET(replaced, state.replacedBy(whole, place, annotations));
    State::Change change;
    change.position = position;
    change.problemId = place.item.problemId;
    change.kind = "judge";
    change.rows = annotationsOf(whole, place.item.critiqueId, place.item.problemId, replaced);
    change.gold = goldMark(place.item.gold, whole, machine);
    SCRIT_GET(rescored, state.store(std::move(change)));
    return state.afterStoring(position, rescored);
}

Expected<Submitted> Session::skip(std::int64_t position) {
    State& state = *m_state;
    SCRIT_GET(place, state.place(position));
    if (place.isDone()) {
        return fail(ErrorCode::Invalid, "item " + std::to_string(position) + " is judged already",
                    "undo the judgement to take it back");
    }
    State::Change change;
    change.position = position;
    change.problemId = place.item.problemId;
    change.kind = "skip";
    SCRIT_GET(rescored, state.store(std::move(change)));
    return state.afterStoring(position, rescored);
}

Expected<std::optional<Undone>> Session::undo() {
    State& state = *m_state;
    SCRIT_GET(entry, state.reviews.lastStanding(state.plan.id, state.annotatorId));
    if (!entry) {
        return std::nullopt;
    }
    SCRIT_GET(place, state.place(entry->position));
    SCRIT_GET(rows, state.reviews.annotationsOfEntry(entry->uid));
    State::Change change;
    change.position = entry->position;
    change.problemId = place.item.problemId;
    change.kind = "undo";
    change.undoesUid = entry->uid;
    change.rows = takingBack(rows);
    // An earlier judgement of the place may stand again.
    SCRIT_GET(annotations, state.annotationsAt(place));
    change.gold = goldMark(place.item.gold,
                           judgementOf(afterAdding(annotations, change.rows), state.annotator),
                           opinionOf(place.facts));
    SCRIT_GET(rescored, state.store(std::move(change)));
    Undone undone;
    SCRIT_GET(item, goTo(entry->position));
    undone.item = std::move(item);
    SCRIT_GET(now, state.progress());
    undone.progress = now;
    undone.rescored = rescored;
    return undone;
}

Expected<std::vector<HistoryEntry>> Session::history(int count) {
    State& state = *m_state;
    if (count <= 0) {
        return std::vector<HistoryEntry>{};
    }
    SCRIT_GET(entries, state.reviews.history(state.plan.id, state.annotatorId, count));
    std::vector<HistoryEntry> history;
    for (const store::ReviewEntry& entry : entries) {
        SCRIT_GET(place, state.place(entry.position));
        SCRIT_GET(item, state.itemOf(place));
        HistoryEntry& one = history.emplace_back();
        one.at = entry.createdAt;
        one.skipped = entry.kind == "skip";
        if (item.mine) {
            one.reveal.machine = opinionOf(place.facts);
            one.reveal.difference = differenceOf(*item.mine, one.reveal.machine);
        }
        one.item = std::move(item);
    }
    return history;
}

Expected<Reveal> Session::reveal(std::int64_t position) {
    SCRIT_GET(place, m_state->place(position));
    if (m_state->isHidden(place)) {
        return fail(ErrorCode::NotFound, "the review is blind: judge the item first");
    }
    SCRIT_GET(item, m_state->itemOf(place));
    Reveal reveal{opinionOf(place.facts), {}};
    if (item.mine) {
        reveal.difference = differenceOf(*item.mine, reveal.machine);
    }
    return reveal;
}

Expected<std::vector<std::pair<std::string, Progress>>> progressOfAll(store::Reader& reader,
                                                                      const Plan& plan) {
    store::ReviewReader reviews(reader);
    SCRIT_GET(rows, reviews.progressOfAll(plan.id));
    SCRIT_GET(anyone, reviews.doneByAnyone(plan.id));
    std::vector<std::pair<std::string, Progress>> all;
    all.reserve(rows.size());
    for (const store::ReviewProgressRow& row : rows) {
        all.emplace_back(row.annotator, Progress{plan.items, row.done, row.skipped, anyone,
                                                 row.goldSeen, row.goldRight});
    }
    return all;
}

std::string_view name(ItemState state) {
    return state == ItemState::Open ? "open" : state == ItemState::Done ? "done" : "skipped";
}

} // namespace scrit::review
