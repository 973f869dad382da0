// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/http_client.h"

#include "core/base/clock.h"
#include "core/net/transfer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace scrit::net {
namespace {

constexpr std::int64_t kDeadlineCheckMillis = 100;
constexpr std::size_t kIdleHandles = 1024;

void initialiseCurlOnce() {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)initialised;
}

} // namespace

// The scrit-http thread and everything it owns. Other threads only touch the command queue.
class HttpClient::Loop {
public:
    explicit Loop(Options options) : m_options(std::move(options)) {
        initialiseCurlOnce();
        m_multi = curl_multi_init();
        m_epoll = epoll_create1(EPOLL_CLOEXEC);
        m_wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = m_wake;
        epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_wake, &event);
        curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &Loop::onSocket);
        curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &Loop::onTimer);
        curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, this);
        curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
        curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, 4096L); // idle connections kept for reuse
        m_thread = std::thread([this] { run(); });
        pthread_setname_np(m_thread.native_handle(), "scrit-http");
    }

    ~Loop() {
        {
            const std::lock_guard lock(m_mutex);
            m_stop = true;
        }
        wake();
        m_thread.join();
        for (CURL* easy : m_idle) {
            curl_easy_cleanup(easy);
        }
        curl_multi_cleanup(m_multi);
        ::close(m_wake);
        ::close(m_epoll);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    RequestId send(HttpRequest request, Done done) {
        RequestId id = 0;
        bool first = false;
        {
            const std::lock_guard lock(m_mutex);
            id = ++m_lastId;
            first = m_commands.empty();
            m_commands.push_back({id, std::move(request), std::move(done)});
        }
        if (first) {
            wake();
        }
        return id;
    }

    void cancel(RequestId id) {
        {
            const std::lock_guard lock(m_mutex);
            m_commands.push_back({id, {}, {}});
        }
        wake();
    }

private:
    struct Command {
        RequestId id = 0;
        HttpRequest request;
        Done done; // empty: cancel the request
    };

    void wake() const {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(m_wake, &one, sizeof one);
    }

    void run() {
        std::array<epoll_event, 256> events{};
        while (takeCommands()) {
            const int count =
                epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), waitMillis());
            for (int i = 0; i < count; ++i) {
                handle(events[static_cast<std::size_t>(i)]);
            }
            if (m_timerAt >= 0 && base::steadyMillis() >= m_timerAt) {
                m_timerAt = -1;
                int running = 0;
                curl_multi_socket_action(m_multi, CURL_SOCKET_TIMEOUT, 0, &running);
            }
            finishDone();
            checkDeadlines();
        }
        while (!m_active.empty()) {
            end(m_active.begin()->first,
                base::Error{base::ErrorCode::Cancelled, "the program is stopping", {}, true});
        }
    }

    void handle(const epoll_event& event) {
        if (event.data.fd == m_wake) {
            std::uint64_t drained = 0;
            [[maybe_unused]] const ssize_t got = ::read(m_wake, &drained, sizeof drained);
            return;
        }
        int flags = 0;
        flags |= (event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0;
        flags |= (event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
        flags |= (event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0;
        int running = 0;
        curl_multi_socket_action(m_multi, event.data.fd, flags, &running);
    }

    [[nodiscard]] int waitMillis() const {
        std::int64_t wait = m_active.empty() ? -1 : kDeadlineCheckMillis;
        if (m_timerAt >= 0) {
            const std::int64_t left = std::max<std::int64_t>(0, m_timerAt - base::steadyMillis());
            wait = wait < 0 ? left : std::min(wait, left);
        }
        return static_cast<int>(std::min<std::int64_t>(wait, std::numeric_limits<int>::max()));
    }

    // False when the thread must end.
    bool takeCommands() {
        std::vector<Command> commands;
        bool stop = false;
        {
            const std::lock_guard lock(m_mutex);
            commands.swap(m_commands);
            stop = m_stop;
        }
        for (Command& command : commands) {
            if (!command.done) {
                end(command.id,
                    base::Error{base::ErrorCode::Cancelled, "the request was cancelled", {}, true});
            } else if (stop) {
                command.done(base::fail(
                    base::Error{base::ErrorCode::Cancelled, "the program is stopping", {}, true}));
            } else {
                start(std::move(command));
            }
        }
        return !stop;
    }

    void start(Command command) {
        CURL* easy = nullptr;
        if (m_idle.empty()) {
            easy = curl_easy_init();
        } else {
            easy = m_idle.back();
            m_idle.pop_back();
        }
        const RequestId id = command.id;
        auto transfer =
            std::make_unique<Transfer>(easy, id, std::move(command.request),
                                       std::move(command.done), m_options, base::steadyMillis());
        const CURLMcode added = curl_multi_add_handle(m_multi, easy);
        if (added != CURLM_OK) {
            transfer->fail({base::ErrorCode::Internal, curl_multi_strerror(added), {}, false});
            return;
        }
        m_active.emplace(id, std::move(transfer));
    }

    void finishDone() {
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(m_multi, &left)) {
            if (message->msg != CURLMSG_DONE) {
                continue;
            }
            void* self = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
            const CURLcode result = message->data.result;
            const std::unique_ptr<Transfer> transfer = take(static_cast<Transfer*>(self)->id());
            transfer->finish(result);
            keepHandle(*transfer);
        }
    }

    void checkDeadlines() {
        const std::int64_t now = base::steadyMillis();
        if (now - m_checkedAt < kDeadlineCheckMillis) {
            return;
        }
        m_checkedAt = now;
        std::vector<std::pair<RequestId, std::string>> late;
        for (const auto& [id, transfer] : m_active) {
            if (std::optional<std::string> passed = transfer->passedDeadline(now)) {
                late.emplace_back(id, std::move(*passed));
            }
        }
        for (auto& [id, passed] : late) {
            end(id,
                base::Error{base::ErrorCode::Network, passed, "the server is slow or gone", true});
        }
    }

    // Removes a transfer from curl; null when there is none of that id.
    std::unique_ptr<Transfer> take(RequestId id) {
        const auto found = m_active.find(id);
        if (found == m_active.end()) {
            return nullptr;
        }
        std::unique_ptr<Transfer> transfer = std::move(found->second);
        m_active.erase(found);
        curl_multi_remove_handle(m_multi, transfer->easy());
        return transfer;
    }

    void end(RequestId id, base::Error error) {
        if (const std::unique_ptr<Transfer> transfer = take(id)) {
            transfer->fail(std::move(error));
            keepHandle(*transfer);
        }
    }

    void keepHandle(Transfer& transfer) {
        if (m_idle.size() < kIdleHandles) {
            CURL* easy = transfer.takeEasy();
            curl_easy_reset(easy); // lets go of pointers into the transfer
            m_idle.push_back(easy);
        }
    }

    static int onSocket(CURL* /*easy*/, curl_socket_t socket, int what, void* self,
                        void* /*socketData*/) {
        Loop& loop = *static_cast<Loop*>(self);
        if (what == CURL_POLL_REMOVE) {
            epoll_ctl(loop.m_epoll, EPOLL_CTL_DEL, socket, nullptr);
            return 0;
        }
        epoll_event event{};
        event.events = ((what & CURL_POLL_IN) != 0 ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
                       ((what & CURL_POLL_OUT) != 0 ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
        event.data.fd = socket;
        if (epoll_ctl(loop.m_epoll, EPOLL_CTL_MOD, socket, &event) != 0 && errno == ENOENT) {
            epoll_ctl(loop.m_epoll, EPOLL_CTL_ADD, socket, &event);
        }
        return 0;
    }

    static int onTimer(CURLM* /*multi*/, long millis, void* self) {
        static_cast<Loop*>(self)->m_timerAt = millis < 0 ? -1 : base::steadyMillis() + millis;
        return 0;
    }

    Options m_options;
    CURLM* m_multi = nullptr;
    int m_epoll = -1;
    int m_wake = -1;
    std::int64_t m_timerAt = -1; // when curl wants to be called; −1: not
    std::int64_t m_checkedAt = 0;
    std::unordered_map<RequestId, std::unique_ptr<Transfer>> m_active;
    std::vector<CURL*> m_idle;

    std::mutex m_mutex; // guards the three members below
    std::vector<Command> m_commands;
    RequestId m_lastId = 0;
    bool m_stop = false;

    std::thread m_thread; // last, so that it starts when all else is there
};

HttpClient::HttpClient(Options options) : m_loop(std::make_unique<Loop>(std::move(options))) {}

HttpClient::~HttpClient() = default;

HttpClient::RequestId HttpClient::send(HttpRequest request, Done done) {
    return m_loop->send(std::move(request), std::move(done));
}

void HttpClient::cancel(RequestId id) {
    m_loop->cancel(id);
}

} // namespace scrit::net
