// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/run_loop.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/loop/ordered_pool.h"
#include "core/store/run_writer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;
using base::fail;
using model::ItemState;
using model::RunState;

constexpr std::size_t kItemsPerJob = 64;
constexpr std::size_t kSelectionJobs = 4;
constexpr std::size_t kMostPrepared = 1024; // of one model
constexpr std::size_t kLeastPrepared = 48;
constexpr std::size_t kMostPreparedBytes = 16U << 20U;
constexpr std::int64_t kDropMillis = 5000;

template<typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};
template<typename... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

std::size_t bytesOf(const Task& task) {
    std::size_t bytes =
        sizeof(Task) + task.prompt.bytes.size() + task.solution.text.size() + task.judged.size();
    for (const backend::ChatMessage& message : task.request.messages) {
        bytes += message.content.size();
    }
    return bytes;
}

std::int64_t& counter(RunSnapshot::Stage& stage, ItemState state) {
    switch (state) {
    case ItemState::Planned:
        return stage.planned;
    case ItemState::Running:
        return stage.running;
    case ItemState::Done:
        return stage.done;
    case ItemState::Failed:
        return stage.failed;
    case ItemState::Skipped:
        return stage.skipped;
    }
    return stage.planned;
}

} // namespace

RunLoop::RunLoop(Setup setup)
    : m_setup(std::move(setup)), m_plan(m_setup.plan),
      m_items(m_setup.plan, m_setup.plan.settings.capOverAll), m_random(std::random_device{}()) {
    for (const StagePlan& stage : m_plan.stages) {
        StageBook& book = m_books.emplace_back();
        book.counts.name = stage.name;
        if (stage.model.empty()) {
            continue;
        }
        const auto known = std::find_if(m_desks.begin(), m_desks.end(), [&](const Desk& desk) {
            return desk.modelName == stage.model;
        });
        book.desk = static_cast<int>(known - m_desks.begin());
        if (known == m_desks.end()) {
            m_desks.emplace_back().modelName = stage.model;
        }
    }
}

RunLoop::~RunLoop() {
    if (m_thread.joinable()) {
        ask(Wish::StopNow);
        m_thread.join();
    }
}

Expected<void> RunLoop::start() {
    m_startedAt = base::steadyMillis();
    if (auto loaded = load(); !loaded) {
        return loaded;
    }
    for (std::size_t i = 0; i < m_books.size(); ++i) {
        // A student that has solved everything need not be started again.
        const bool finished =
            m_plan.stages[i].kind == StageKind::Solve && m_books[i].counts.planned == 0;
        if (m_books[i].desk >= 0 && !finished) {
            if (auto opened = openDeskOnce(static_cast<std::size_t>(m_books[i].desk)); !opened) {
                return opened;
            }
        }
    }
    auto noted = m_setup.workspace->write([&](store::Writer& writer) {
        return store::RunWriter(writer).setRunState(m_plan.runId, RunState::Running);
    });
    if (!noted) {
        return noted;
    }
    const auto post = [mailbox = m_mailbox](ResultWriter::Report&& report) {
        mailbox->post(std::move(report));
    };
    m_writer =
        std::make_unique<ResultWriter>(m_setup.workspace, m_plan, m_setup.options.batchItems, post);
    m_workers =
        std::make_unique<WorkThreads>(m_setup.workspace, workerThreads(m_setup.options.workers));
    publish(base::steadyMillis(), true);
    m_thread = std::thread([this] { run(); });
    pthread_setname_np(m_thread.native_handle(), "scrit-run");
    return {};
}

// Items that an ended process left running are planned again, then everything that is open is
// noted by its ids.
Expected<void> RunLoop::load() {
    auto requeued = m_setup.workspace->write([&](store::Writer& writer) -> Expected<void> {
        const auto count = store::RunWriter(writer).requeueRunning(m_plan.runId);
        return count ? Expected<void>{} : fail(count.error());
    });
    if (!requeued) {
        return requeued;
    }
    const auto reader = m_setup.workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    store::RunReader runs(**reader);
    const auto counts = runs.stageCounts(m_plan.runId);
    if (!counts) {
        return fail(counts.error());
    }
    for (const store::StageCount& count : *counts) {
        if (const int stage = m_plan.indexOf(count.stage); stage >= 0) {
            counter(m_books[static_cast<std::size_t>(stage)].counts, count.state) = count.count;
        }
    }
    const auto usage = runs.usage(m_plan.runId);
    if (!usage) {
        return fail(usage.error());
    }
    m_totals.promptTokens = usage->promptTokens;
    m_totals.completionTokens = usage->completionTokens;
    m_totals.cost = usage->cost;
    m_budget.emplace(
        m_plan.request().caps,
        Spending{usage->completions, usage->promptTokens + usage->completionTokens, usage->cost});
    auto read = runs.forEachOpenItem(m_plan.runId, [&](const model::WorkItem& item) {
        if (const int stage = m_plan.indexOf(item.stage); stage >= 0) {
            m_items.add({item.id, item.subjectId, item.sample, static_cast<std::int16_t>(stage),
                         static_cast<std::uint8_t>(std::min(item.attempts, 255)), 0});
        }
        return true;
    });
    m_items.settle();
    return read;
}

void RunLoop::run() {
    std::vector<Message> messages;
    step(base::steadyMillis());
    while (!m_ended) {
        m_mailbox->take(messages, wakeAt(base::steadyMillis()));
        for (Message& message : messages) {
            take(std::move(message));
        }
        messages.clear();
        step(base::steadyMillis());
    }
    close();
}

void RunLoop::close() {
    m_mailbox->close();
    m_workers.reset();
    m_writer.reset();
    publish(base::steadyMillis(), true);
    {
        const std::lock_guard lock(m_mutex);
        m_over = true;
    }
    m_endedNow.notify_all();
    m_desks.clear(); // may wait for a server to end
}

void RunLoop::wait() {
    std::unique_lock lock(m_mutex);
    m_endedNow.wait(lock, [this] { return m_over; });
}

void RunLoop::ask(Wish wish, std::string errorCode) {
    m_mailbox->post(Asked{wish, std::move(errorCode)});
}

void RunLoop::step(std::int64_t now) {
    if (active()) {
        m_items.wake(now);
        prepare();
        send(now);
    }
    finishWhenIdle(now);
    publish(now, false);
}

bool RunLoop::active() const {
    return m_state == RunState::Running && !m_stopping && !m_final;
}

Mailbox<RunLoop::Message>::Clock::time_point RunLoop::wakeAt(std::int64_t now) const {
    std::int64_t at = now + std::max<std::int64_t>(m_setup.options.progressMillis, 10);
    if (active()) {
        if (const auto due = m_items.nextDue()) {
            at = std::min(at, *due);
        }
        for (const Desk& desk : m_desks) {
            if (desk.pool && !desk.prepared.empty()) {
                const RequestSize& size = desk.prepared.front()->size;
                const auto next =
                    desk.pool->nextChance(now, size.promptTokensGuess + size.completionTokensMost);
                at = next && !m_capped ? std::min(at, std::max(*next, now + 1)) : at;
            }
        }
    }
    return Mailbox<Message>::Clock::now() +
           std::chrono::milliseconds(std::max<std::int64_t>(at - now, 0));
}

void RunLoop::take(Message&& message) {
    std::visit(Overloaded{[&](Answered&& answered) { takeAnswer(std::move(answered)); },
                          [&](PreparedBatch&& batch) { takePrepared(std::move(batch)); },
                          [&](SelectedAll&& all) { takeSelection(std::move(all)); },
                          [&](ResultWriter::Report&& report) { takeReport(std::move(report)); },
                          [&](EndpointsChanged&& changed) { refreshDesk(changed.pool); },
                          [&](Asked&& asked) {
                              takeWish(asked);
                          }},
               std::move(message));
}

void RunLoop::takeWish(const Asked& asked) {
    if (m_final) {
        return;
    }
    switch (asked.wish) {
    case Wish::Pause:
        if (active()) {
            pauseWith({});
            m_blocked = false;
        }
        break;
    case Wish::Resume:
        if (m_state == RunState::Paused && !m_stopping) {
            resume();
        }
        break;
    case Wish::Stop:
        stopWith(m_message, false);
        break;
    case Wish::StopNow:
        stopWith(m_message, true);
        break;
    case Wish::RetryFailed:
        if (!m_stopping) {
            ++m_unsettled; // so that the run does not end meanwhile
            m_writer->retryFailed(asked.errorCode);
        }
        break;
    }
    publish(base::steadyMillis(), true);
}

void RunLoop::stopWith(std::string message, bool drop) {
    m_stopping = true;
    m_message = std::move(message);
    if (drop && !m_dropping) {
        m_dropping = true;
        m_dropUntil = base::steadyMillis() + kDropMillis;
        cancelFlights(nullptr);
    }
}

void RunLoop::pauseWith(std::string message) {
    m_state = RunState::Paused;
    m_blocked = !message.empty();
    m_message = message;
    m_writer->setState(RunState::Paused, std::move(message), false);
}

void RunLoop::resume() {
    if (std::exchange(m_blocked, false)) { // somebody has mended a model: look at it again
        for (std::size_t i = 0; i < m_desks.size(); ++i) {
            if (m_desks[i].pool && !m_desks[i].pool->obstacle().empty()) {
                if (auto opened = openDesk(i); !opened) {
                    pauseWith(opened.error().text());
                    return;
                }
            }
        }
    }
    m_message.clear();
    m_state = RunState::Running;
    m_writer->setState(RunState::Running, {}, false);
}

void RunLoop::finishWhenIdle(std::int64_t now) {
    if (m_final) {
        return;
    }
    const bool landed = m_flights.empty() || (m_dropping && now >= m_dropUntil);
    if (m_stopping && landed && (m_unsettled == 0 || m_broken)) {
        finish(RunState::Stopped);
    } else if (active() && m_items.empty() && m_active.empty() && m_unsettled == 0) {
        finish(RunState::Done);
    }
}

void RunLoop::finish(RunState state) {
    m_final = state;
    m_writer->setState(state, m_message, true);
}

void RunLoop::takePrepared(PreparedBatch&& batch) {
    StageBook& book = m_books[static_cast<std::size_t>(batch.stage)];
    if (book.desk >= 0) {
        m_desks[static_cast<std::size_t>(book.desk)].preparing -= batch.asked;
    } else {
        m_selecting -= batch.asked;
    }
    if (m_stopping || m_final) {
        return; // all of it is still planned in the workspace
    }
    if (batch.error) {
        m_failure = batch.error->code;
        stopWith(batch.error->text(), false);
        return;
    }
    const std::int64_t now = base::steadyMillis();
    for (std::unique_ptr<Task>& task : batch.tasks) {
        Desk& desk = m_desks[static_cast<std::size_t>(book.desk)];
        task->preparedAt = now;
        task->bytes = bytesOf(*task);
        desk.preparedBytes += task->bytes;
        desk.typicalBytes = (3 * desk.typicalBytes + task->bytes) / 4;
        desk.prepared.push_back(std::move(task));
    }
    m_unsettled += batch.outcomes.size() + batch.selected.size();
    for (std::unique_ptr<Outcome>& outcome : batch.outcomes) {
        m_writer->end(std::move(outcome));
    }
    if (!batch.selected.empty()) {
        m_writer->select(std::move(batch.selected));
    }
}

void RunLoop::takeSelection(SelectedAll&& all) {
    m_selecting = 0;
    if (m_stopping || m_final) {
        return;
    }
    if (all.error) {
        stopWith(all.error->text(), false);
        return;
    }
    m_unsettled += all.selected.size();
    m_writer->select(std::move(all.selected));
}

void RunLoop::takeReport(ResultWriter::Report&& report) {
    std::visit(Overloaded{[&](ResultWriter::Stored&& stored) {
                              for (const ResultWriter::Ended& ended : stored.ended) {
                                  takeEnded(ended);
                              }
                          },
                          [&](ResultWriter::Retried&& retried) {
                              --m_unsettled;
                              takeRetried(retried);
                          },
                          [&](ResultWriter::StateStored&& stored) {
                              if (stored.error && !m_broken) { // then it was told already
                                  base::log::error("the state of the run could not be stored: " +
                                                   stored.error->text());
                              }
                              if (m_final == stored.state) {
                                  m_state = stored.state;
                                  m_ended = true;
                                  if (stored.error && m_message.empty()) {
                                      m_message = stored.error->text();
                                  }
                              }
                          },
                          [&](ResultWriter::Failed&& failed) {
                              m_broken = true;
                              m_failure = failed.error.code;
                              stopWith(failed.error.text(), true);
                          }},
               std::move(report));
}

void RunLoop::takeEnded(const ResultWriter::Ended& ended) {
    const auto stage = static_cast<std::size_t>(ended.item.stage);
    StageBook& book = m_books[stage];
    --m_unsettled;
    m_active.erase(ended.item.id);
    --(ended.wasSent ? book.counts.running : book.counts.planned);
    ++counter(book.counts, ended.state);
    m_totals.fromCache += ended.fromCache ? 1 : 0;
    if (ended.state == ItemState::Planned) {
        m_items.addDelayed(ended.item, ended.retryAt);
        return;
    }
    book.ended.add(base::steadyMillis(), 1);
    const StageKind kind = m_plan.stages[stage].kind;
    if (kind == StageKind::Solve) {
        m_items.solved(ended.item.subjectId);
        letStudentGo(stage);
    } else if (kind == StageKind::Select) {
        ++m_selectsEnded;
        m_pairs += static_cast<std::int64_t>(ended.next.size());
    }
    for (const OpenItem& next : ended.next) {
        addPlanned(next);
    }
}

// A student that has solved everything is closed: its server may hold memory that others need.
void RunLoop::letStudentGo(std::size_t stage) {
    const int desk = m_books[stage].desk;
    for (std::size_t i = 0; i < m_books.size(); ++i) {
        const RunSnapshot::Stage& counts = m_books[i].counts;
        if (m_books[i].desk == desk &&
            (m_plan.stages[i].kind != StageKind::Solve || counts.planned + counts.running > 0)) {
            return;
        }
    }
    Desk& done = m_desks[static_cast<std::size_t>(desk)];
    // Let go on a worker, because stopping a server takes its time.
    m_workers->post([pool = std::exchange(done.pool, std::nullopt)](WorkBench&) {});
}

void RunLoop::addPlanned(const OpenItem& item) {
    ++m_books[static_cast<std::size_t>(item.stage)].counts.planned;
    m_items.add(item);
}

void RunLoop::takeRetried(const ResultWriter::Retried& retried) {
    std::unordered_set<std::int64_t> known = m_active;
    m_items.collectIds(known);
    for (const OpenItem& item : retried.open) {
        if (known.contains(item.id)) {
            continue;
        }
        StageBook& book = m_books[static_cast<std::size_t>(item.stage)];
        --book.counts.failed;
        addPlanned(item);
        if (book.desk >= 0) {
            if (auto opened = openDeskOnce(static_cast<std::size_t>(book.desk)); !opened) {
                pauseWith(opened.error().text());
            }
        }
    }
}

void RunLoop::prepare() {
    if (m_unsettled >= kMostUnsettledItems) {
        return;
    }
    prepareSelections();
    for (std::size_t desk = 0; desk < m_desks.size(); ++desk) {
        prepareDesk(desk);
    }
}

void RunLoop::prepareSelections() {
    if (m_plan.settings.capOverAll) {
        std::vector<OpenItem> items = m_items.takeSelections();
        if (!items.empty()) {
            for (const OpenItem& item : items) {
                m_active.insert(item.id);
            }
            m_selecting = items.size();
            m_workers->post(
                [this, mailbox = m_mailbox, items = std::move(items)](WorkBench& bench) mutable {
                    SelectedAll all;
                    const auto reader = bench.reader();
                    auto selected = reader ? selectOverAll(m_plan, **reader, std::move(items))
                                           : fail(reader.error());
                    if (selected) {
                        all.selected = std::move(*selected);
                    } else {
                        all.error = std::move(selected.error());
                    }
                    mailbox->post(std::move(all));
                });
        }
        return;
    }
    const int stage = m_plan.indexOf(StageKind::Select);
    while (stage >= 0 && m_items.ready(stage) > 0 && m_selecting < kSelectionJobs * kItemsPerJob) {
        std::vector<OpenItem> items = m_items.take(stage, kItemsPerJob);
        m_selecting += items.size();
        postPrepare(stage, std::move(items));
    }
}

// Keeps a little more prepared than can be sent at once. Later stages go first, so that what was
// begun is finished before more is begun.
void RunLoop::prepareDesk(std::size_t desk) {
    Desk& here = m_desks[desk];
    if (!here.pool || here.preparedBytes >= kMostPreparedBytes) {
        return;
    }
    // Long prompts are prepared a few at a time.
    const std::size_t affordable = std::max<std::size_t>(kMostPreparedBytes / here.typicalBytes, 8);
    const std::size_t perJob = std::clamp<std::size_t>(affordable / 4, 1, kItemsPerJob);
    const std::size_t target =
        std::min({static_cast<std::size_t>(here.pool->capacity()) + kLeastPrepared, kMostPrepared,
                  affordable});
    const std::size_t have = here.prepared.size() + here.preparing;
    if (have >= target || (here.preparing > 0 && target - have < perJob / 2)) {
        return;
    }
    std::size_t wanted = target - have;
    for (int stage = static_cast<int>(m_books.size()) - 1; stage >= 0 && wanted > 0; --stage) {
        if (m_books[static_cast<std::size_t>(stage)].desk != static_cast<int>(desk)) {
            continue;
        }
        while (wanted > 0 && m_items.ready(stage) > 0) {
            std::vector<OpenItem> items = m_items.take(stage, std::min(wanted, perJob));
            wanted -= items.size();
            here.preparing += items.size();
            postPrepare(stage, std::move(items));
        }
    }
}

void RunLoop::postPrepare(int stage, std::vector<OpenItem> items) {
    PrepareJob job;
    job.stage = stage;
    job.items = std::move(items);
    for (const OpenItem& item : job.items) {
        m_active.insert(item.id);
    }
    if (const int desk = m_books[static_cast<std::size_t>(stage)].desk; desk >= 0) {
        const EndpointPool& pool = *m_desks[static_cast<std::size_t>(desk)].pool;
        job.model = {pool.modelId(), pool.model(), pool.handle().identity(),
                     pool.handle().contextTokens()};
    }
    m_workers->post([this, mailbox = m_mailbox, job = std::move(job)](WorkBench& bench) mutable {
        const auto reader = bench.reader();
        if (reader) {
            mailbox->post(prepareBatch(m_plan, **reader, std::move(job)));
            return;
        }
        PreparedBatch batch;
        batch.stage = job.stage;
        batch.asked = job.items.size();
        batch.error = reader.error();
        mailbox->post(std::move(batch));
    });
}

} // namespace scrit::loop
