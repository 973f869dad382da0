// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"
#include "core/loop/run_loop.h"
#include "core/loop/run_results.h"

#include <algorithm>
#include <utility>

// RunLoop's dealings with models: opening them, sending requests, taking answers and failures.
namespace scrit::loop {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::ItemState;

constexpr int kFreeLosses = 10; // requests that an item may lose to restarting servers

// The server refuses us altogether, or does not have the model: the next item would fare no better.
bool refusesEverything(const backend::ChatError& error) {
    return error.error.code == ErrorCode::Auth || error.httpStatus == 401 ||
           error.httpStatus == 403 || error.httpStatus == 404;
}

} // namespace

Expected<void> RunLoop::openDeskOnce(std::size_t desk) {
    return m_desks[desk].pool ? Expected<void>{} : openDesk(desk);
}

// Opens the model as it is stored now; for a desk that is open already another handle takes over.
Expected<void> RunLoop::openDesk(std::size_t desk) {
    Desk& here = m_desks[desk];
    const auto reader = m_setup.workspace->reader();
    if (!reader) {
        return fail(reader.error());
    }
    const auto model = store::RunReader(**reader).model(here.modelName);
    if (!model) {
        return fail(model.error());
    }
    auto handle = m_setup.openModel(*model);
    if (!handle) {
        return fail(handle.error().withContext(here.modelName));
    }
    (*handle)->onChange([mailbox = m_mailbox, desk] { mailbox->post(EndpointsChanged{desk}); });
    if (here.pool) {
        here.pool->replace(std::move(*handle));
        here.pool->unblock();
    } else {
        here.pool.emplace(here.modelName, model->id, std::move(*handle), m_setup.options.backoff);
    }
    for (const auto& gone : here.pool->refresh()) {
        cancelFlights(gone.get());
    }
    // A server may have failed for good before anybody listened.
    m_mailbox->post(EndpointsChanged{desk});
    return {};
}

void RunLoop::refreshDesk(std::size_t desk) {
    if (desk >= m_desks.size() || !m_desks[desk].pool) {
        return;
    }
    EndpointPool& pool = *m_desks[desk].pool;
    for (const auto& gone : pool.refresh()) {
        cancelFlights(gone.get());
    }
    if (const std::string obstacle = pool.obstacle(); !obstacle.empty() && active()) {
        pauseWith(obstacle);
    }
}

// Of one endpoint, or all.
void RunLoop::cancelFlights(const PoolEndpoint* endpoint) {
    // A backend may answer at once; that comes through the mailbox, so the table stays as it is.
    for (const auto& [ticket, flight] : m_flights) {
        if (endpoint == nullptr || flight.endpoint.get() == endpoint) {
            flight.endpoint->info.backend->cancel(flight.request);
        }
    }
}

void RunLoop::send(std::int64_t now) {
    m_capped = false;
    for (std::size_t desk = 0; desk < m_desks.size() && active(); ++desk) {
        if (m_desks[desk].pool) {
            sendFrom(desk, now);
            m_desks[desk].pool->noteLoad();
        }
    }
}

void RunLoop::sendFrom(std::size_t desk, std::int64_t now) {
    Desk& here = m_desks[desk];
    // What is answered and not stored is asked again after a kill: at most another window.
    const std::size_t mostUnsettled = std::clamp(static_cast<std::size_t>(here.pool->capacity()),
                                                 kLeastUnsettledItems, kMostUnsettledItems);
    while (!here.prepared.empty() && m_unsettled < mostUnsettled) {
        const RequestSize& size = here.prepared.front()->size;
        const auto endpoint =
            here.pool->choose(now, size.promptTokensGuess + size.completionTokensMost);
        if (!endpoint) {
            return;
        }
        const Spending most = mostOf(size, here.pool->handle().prices());
        if (const auto cap = m_budget->refuses(most)) {
            m_capped = true;
            if (!m_budget->anyReserved()) {
                stopWith("cap reached: " + *cap, false);
            }
            return; // what is in flight may turn out smaller than it could have been
        }
        dispatch(desk, endpoint, most, now);
    }
}

void RunLoop::dispatch(std::size_t desk, const std::shared_ptr<PoolEndpoint>& endpoint,
                       const Spending& most, std::int64_t now) {
    Desk& here = m_desks[desk];
    std::unique_ptr<Task> task = std::move(here.prepared.front());
    here.prepared.pop_front();
    here.preparedBytes = here.prepared.empty() ? 0 : here.preparedBytes - task->bytes;
    const backend::ChatRequest request = std::exchange(task->request, {});
    StageBook& book = m_books[static_cast<std::size_t>(task->item.stage)];
    --book.counts.planned;
    ++book.counts.running;
    ++m_totals.requests;
    m_totals.retries += task->item.attempts > 0 ? 1 : 0;
    m_budget->reserve(most);
    here.pool->sent(*endpoint, now, task->size.promptTokensGuess + task->size.completionTokensMost);
    m_writer->start(task->item.id, std::move(task->prompt));
    m_queueSeconds.add(static_cast<double>(now - task->preparedAt) / 1000);

    const std::uint64_t ticket = ++m_lastTicket;
    // In the table before it is sent: the answer may come at once.
    Flight& flight = m_flights[ticket];
    flight.task = std::move(task);
    flight.pool = desk;
    flight.endpoint = endpoint;
    flight.most = most;
    flight.sentAt = now;
    flight.request = endpoint->info.backend->complete(
        request, [mailbox = m_mailbox, ticket](backend::ChatOutcome&& outcome) {
            mailbox->post(Answered{ticket, std::move(outcome)});
        });
}

void RunLoop::takeAnswer(Answered&& answered) {
    auto node = m_flights.extract(answered.ticket);
    if (node.empty()) {
        return;
    }
    Flight flight = std::move(node.mapped());
    --flight.endpoint->inFlight;
    const std::int64_t now = base::steadyMillis();
    if (answered.outcome) {
        takeSuccess(std::move(flight), std::move(*answered.outcome), now);
    } else {
        takeFailure(std::move(flight), answered.outcome.error(), now);
    }
}

void RunLoop::takeSuccess(Flight&& flight, backend::ChatResult&& result, std::int64_t now) {
    const EndpointPool& pool = *m_desks[flight.pool].pool;
    Task& task = *flight.task;
    if (result.totalSeconds <= 0) {
        result.totalSeconds = static_cast<double>(now - flight.sentAt) / 1000;
    }
    const double latency = result.totalSeconds;
    model::Completion completion = completionOf(m_plan, task, std::move(result));
    completion.modelId = pool.modelId();
    completion.queueSeconds = static_cast<double>(flight.sentAt - task.preparedAt) / 1000;
    completion.cost =
        costOf(pool.handle().prices(), completion.promptTokens, completion.completionTokens);
    pool.succeeded(*flight.endpoint, now, latency, completion.completionTokens);
    m_budget->settle(flight.most,
                     {1, completion.promptTokens + completion.completionTokens, completion.cost});
    m_totals.promptTokens += completion.promptTokens;
    m_totals.completionTokens += completion.completionTokens;
    m_totals.cost += completion.cost;
    m_latencySeconds.add(latency);
    task.item.attempts = static_cast<std::uint8_t>(std::min(task.item.attempts + 1, 255));
    ++m_unsettled;
    m_workers->post(
        [this, owned = std::move(flight.task), answer = std::move(completion)](WorkBench&) mutable {
            auto outcome =
                std::make_unique<Outcome>(evaluate(m_plan, std::move(*owned), std::move(answer)));
            outcome->wasSent = true;
            m_writer->end(std::move(outcome));
        });
}

void RunLoop::takeFailure(Flight&& flight, const backend::ChatError& error, std::int64_t now) {
    m_budget->settle(flight.most, {1, 0, 0});
    EndpointPool& pool = *m_desks[flight.pool].pool;
    PoolEndpoint& endpoint = *flight.endpoint;
    if (error.error.code == ErrorCode::Network) {
        refreshDesk(flight.pool); // a server of our own may just have ended
    }
    if (m_dropping || error.error.code == ErrorCode::Cancelled || endpoint.gone ||
        !endpoint.info.ready) {
        if (!m_dropping && ++flight.task->item.losses > kFreeLosses) {
            tryAgain(std::move(flight), error, now);
        } else {
            putBack(std::move(flight));
        }
        return;
    }
    if (refusesEverything(error)) {
        const bool mine = !endpoint.blocked.empty(); // one of those that were in flight with it
        if (mine || pool.refused(endpoint, error.error.text())) {
            putBack(std::move(flight));
            if (const std::string obstacle = pool.obstacle(); !obstacle.empty() && active()) {
                pauseWith(obstacle);
            }
        } else {
            endSent(std::move(flight), ItemState::Failed, error);
        }
        return;
    }
    if (error.error.code == ErrorCode::Limit) {
        endSent(std::move(flight), ItemState::Skipped, error);
    } else if (error.error.retryable) {
        const bool load = error.httpStatus == 429 || error.httpStatus == 503 ||
                          error.error.code == ErrorCode::Network;
        pool.troubled(endpoint, now,
                      load ? EndpointPool::Trouble::Load : EndpointPool::Trouble::Answer,
                      error.retryAfterMillis, m_random());
        tryAgain(std::move(flight), error, now);
    } else {
        endSent(std::move(flight), ItemState::Failed, error);
    }
}

void RunLoop::tryAgain(Flight&& flight, const backend::ChatError& error, std::int64_t now) {
    const int attempt = flight.task->item.attempts + 1;
    if (attempt >= m_setup.options.tries) {
        endSent(std::move(flight), ItemState::Failed, error);
        return;
    }
    const std::int64_t wait =
        std::max(net::backoffMillis(attempt, m_random(), m_setup.options.backoff),
                 error.retryAfterMillis.value_or(0));
    endSent(std::move(flight), ItemState::Planned, error, wait, now);
}

// An item whose request was sent ends without an answer, or is planned again for later.
void RunLoop::endSent(Flight&& flight, ItemState state, const backend::ChatError& error,
                      std::int64_t retryAfter, std::int64_t now) {
    auto outcome = std::make_unique<Outcome>();
    outcome->item = flight.task->item;
    outcome->item.attempts =
        static_cast<std::uint8_t>(std::min(flight.task->item.attempts + 1, 255));
    outcome->state = state;
    outcome->wasSent = true;
    outcome->errorCode = errorCodeOf(error);
    outcome->error = error.error.text();
    if (state == ItemState::Planned) {
        outcome->retryAt = now + retryAfter;
        outcome->nextTryAt = base::unixMillis() + retryAfter;
    }
    ++m_unsettled;
    m_writer->end(std::move(outcome));
}

// The request came to nothing through no fault of the item.
void RunLoop::putBack(Flight&& flight) {
    const OpenItem& item = flight.task->item;
    StageBook& book = m_books[static_cast<std::size_t>(item.stage)];
    --book.counts.running;
    ++book.counts.planned;
    m_active.erase(item.id);
    m_items.putBack(item);
}

} // namespace scrit::loop
