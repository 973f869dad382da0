// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/model_commands.h"
#include "app/cli/serve_record.h"
#include "core/backend/open_model.h"
#include "core/base/text.h"

#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrit::cli {
namespace {

using base::Expected;

constexpr std::int64_t kTickMillis = 100;
constexpr int kTicksPerLook = 20;
constexpr std::int64_t kStopMillis = 10'000;
constexpr std::int64_t kPoolStopMillis = 60'000; // Slurm may take its time

struct ServeArguments {
    std::string workspace;
    std::string name;
    std::string keyFile;
    bool keep = false;
    bool json = false;
};

// The server's key in a file that only its owner can read, as long as the server runs.
class KeyFile {
public:
    ~KeyFile() {
        if (!m_path.empty()) {
            unlink(m_path.c_str());
        }
    }
    KeyFile() = default;
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;

    // Exists when there is a file of that name already.
    Expected<void> write(const std::string& path, const std::string& key) {
        const int fd =
            open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
            return base::fail(base::systemError(errno, "cannot write the key to", path));
        }
        m_path = path;
        const std::string line = key + "\n";
        const bool written =
            ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
        const int error = errno;
        ::close(fd);
        return written ? Expected<void>{}
                       : base::fail(base::systemError(error, "cannot write the key to", path));
    }

private:
    std::string m_path;
};

// Shows what the server writes and how busy it is, from one look to the next.
class Watcher {
public:
    Watcher(const Session& session, backend::ServedModel& model)
        : m_session(session), m_model(model) {}

    void showLog() {
        if (m_session.quiet) {
            return;
        }
        const backend::ServerLog log = m_model.logSince(m_nextLine);
        for (const std::string& line : log.lines) {
            std::fputs((base::escapeForTerminal(line) + "\n").c_str(), stderr);
        }
        m_nextLine = log.next;
    }

    // What the server says about its work, whenever that changes.
    void showLoad() {
        const backend::ServerLoad load = m_model.server().load;
        if (m_session.quiet || !load.working) {
            return;
        }
        std::string text = std::to_string(*load.working) + " requests worked on";
        if (load.waiting) {
            text += ", " + std::to_string(*load.waiting) + " waiting";
        }
        if (text != m_load) {
            printNote(text);
            m_load = text;
        }
    }

private:
    const Session& m_session;
    backend::ServedModel& m_model;
    std::uint64_t m_nextLine = 0;
    std::string m_load;
};

void announce(const ServeArguments& arguments, const backend::ServedModel& model) {
    const backend::ServerSnapshot server = model.server();
    const backend::ServerPlan plan = model.plan();
    if (arguments.json) {
        printJson({{"url", server.url},
                   {"pid", server.pid},
                   {"slots", plan.slots},
                   {"context", plan.contextTokens},
                   {"key_file", textOrNull(arguments.keyFile)}});
    } else {
        print(server.url + "\n");
    }
}

// Until a signal comes or the server cannot be helped.
Expected<int> watch(const Session& session, const ServeArguments& arguments,
                    backend::ServedModel& model) {
    Watcher watcher(session, model);
    std::string announced;
    bool planned = false;
    for (int tick = 0; !session.cancel.isCancelled(); ++tick) {
        watcher.showLog();
        const backend::ServerSnapshot server = model.server();
        if (!planned && server.state != backend::ServerState::Starting && !session.quiet) {
            const backend::ServerPlan plan = model.plan();
            printNote(plan.reason + (plan.warning.empty() ? "" : "; but " + plan.warning));
            planned = true;
        }
        if (const std::optional<base::Error> failure = model.failure()) {
            watcher.showLog();
            return base::fail(*failure);
        }
        if (server.state == backend::ServerState::Ready && announced != server.url) {
            announced = server.url;
            announce(arguments, model);
            (void)flushOutput();
        }
        if (tick % kTicksPerLook == 0) {
            watcher.showLoad();
        }
        usleep(static_cast<useconds_t>(kTickMillis * 1000));
    }
    watcher.showLog();
    return kOk;
}

// Says what is new about a pool, from one look to the next.
class PoolWatcher {
public:
    PoolWatcher(const Session& session, const ServeArguments& arguments)
        : m_session(session), m_arguments(arguments) {}

    void show(const backend::ServingSnapshot& serving) {
        std::string text = serving.job.empty() ? "" : "Slurm job " + serving.job + ": ";
        text += serving.trouble.empty() ? serving.message : serving.trouble;
        if (text != m_said && !m_session.quiet) {
            printNote(text);
        }
        m_said = std::move(text);
        std::vector<std::string> urls;
        for (const backend::ServingTask& task : serving.tasks) {
            if (task.ready) {
                urls.push_back(task.url);
            }
        }
        if (urls == m_urls) {
            return;
        }
        m_urls = urls;
        if (m_arguments.json) {
            printJson({{"urls", urls},
                       {"servers", serving.tasks.size()},
                       {"job", serving.job},
                       {"folder", serving.folder},
                       {"key_file", m_arguments.keyFile.empty() ? serving.folder + "/key"
                                                                : m_arguments.keyFile}});
        } else {
            for (const std::string& url : urls) {
                print(url + "\n");
            }
        }
        (void)flushOutput();
    }

private:
    const Session& m_session;
    const ServeArguments& m_arguments;
    std::string m_said;
    std::vector<std::string> m_urls;
};

// Keeps the servers of a model on a cluster until a signal comes; with --keep they stay after that,
// and it need not wait for one.
Expected<int> servePool(const Session& session, const ServeArguments& arguments,
                        const model::Model& model) {
    backend::ModelServers servers(std::make_shared<net::HttpClient>());
    const auto pool = servers.openPooled(model);
    if (!pool) {
        return base::fail(pool.error());
    }
    if (arguments.keep) {
        (*pool)->keepRunning(true);
    }
    KeyFile key;
    bool hasKey = false;
    PoolWatcher watcher(session, arguments);
    while (!session.cancel.isCancelled()) {
        const backend::ServingSnapshot serving = (*pool)->serving();
        if (const std::optional<base::Error> failure = (*pool)->failure()) {
            return base::fail(*failure);
        }
        if (!hasKey && !arguments.keyFile.empty() && !(*pool)->apiKey().empty()) {
            if (const auto written = key.write(arguments.keyFile, (*pool)->apiKey()); !written) {
                return base::fail(written.error());
            }
            hasKey = true;
        }
        watcher.show(serving);
        const bool all = (*pool)->waitReady(static_cast<int>(serving.tasks.size()), 0);
        if (arguments.keep && all) {
            watcher.show((*pool)->serving());
            return kOk;
        }
        usleep(static_cast<useconds_t>(kTickMillis * 1000));
    }
    if (!session.quiet) {
        printNote(arguments.keep ? "the servers go on; scrit model stop ends them"
                                 : "stopping the servers");
    }
    return kOk;
}

Expected<int> serve(const Session& session, const ServeArguments& arguments) {
    const auto model = findModel(arguments.workspace, arguments.name);
    if (!model) {
        return base::fail(model.error());
    }
    ServeRecord record(arguments.workspace, arguments.name);
    if (const auto claimed = record.claim(); !claimed) {
        return base::fail(claimed.error());
    }
    if (model->settings.slurm) {
        Expected<int> served = servePool(session, arguments, model->model);
        record.release();
        return served;
    }
    const auto http = std::make_shared<net::HttpClient>();
    Expected<int> result = kOk;
    {
        backend::ModelServers servers(http);
        KeyFile key;
        const auto served = servers.openServed(model->model);
        if (!served) {
            result = base::fail(served.error());
        } else if (const auto written = arguments.keyFile.empty()
                                            ? Expected<void>{}
                                            : key.write(arguments.keyFile, (*served)->apiKey());
                   !written) {
            result = base::fail(written.error());
        } else {
            if (arguments.keyFile.empty() && !session.quiet) {
                printNote("requests need the server's key: --key-file FILE writes it for other "
                          "tools");
            }
            result = watch(session, arguments, **served);
            if (result && !session.quiet) {
                printNote("stopping the server");
            }
        }
    }
    record.release();
    return result;
}

Expected<int> stop(const Session& session, const ServeArguments& arguments) {
    const auto model = findModel(arguments.workspace, arguments.name);
    const bool isPool = model && model->settings.slurm;
    const Expected<pid_t> stopped = ServeRecord(arguments.workspace, arguments.name)
                                        .stop(isPool ? kPoolStopMillis : kStopMillis);
    std::string what = stopped ? "process " + std::to_string(*stopped) : "";
    if (isPool) { // it may have left its servers, and so may one that was killed
        const auto job = backend::stopServing(model->model);
        if (!job) {
            return base::fail(job.error());
        }
        what += *job ? (what.empty() ? "Slurm job " : " and Slurm job ") + **job : "";
    }
    if (what.empty()) {
        return base::fail(stopped.error());
    }
    if (!session.quiet) {
        print("stopped " + what + "\n");
    }
    return kOk;
}

} // namespace

void addModelServe(CLI::App& group, Session& session) {
    const auto arguments = std::make_shared<ServeArguments>();
    CLI::App* command = group.add_subcommand(
        "serve", "Run a model's own server in the foreground, for other tools");
    addWorkspace(*command, arguments->workspace);
    command->add_option("name", arguments->name, "A model of kind llama-server or vllm")
        ->type_name("NAME")
        ->required();
    command
        ->add_option(
            "--key-file", arguments->keyFile,
            "Write the server's random key to this new file (mode 0600); removed at the end")
        ->type_name("FILE");
    command->add_flag("--keep", arguments->keep,
                      "A model on a cluster: return when all servers are ready and leave them "
                      "running");
    addJson(*command, arguments->json, "Print one JSON object each time the server becomes ready");
    addQuiet(*command, session);
    command->footer(
        "Prints the URL once the server is ready; its log goes to stderr. Ctrl+C stops it.\n"
        "scrit run needs none of this: it starts and stops the servers of its models.\n"
        "Servers on a cluster (scrit model add --slurm) are one pool: scrit run uses those that "
        "are\n"
        "there, and their key is the file \"key\" in the folder that --json names.\n"
        "\n"
        "Examples:\n"
        "  scrit model serve study.scrit local\n"
        "  scrit model serve study.scrit local --key-file key &\n"
        "  scrit model serve study.scrit pool --keep\n"
        "  scrit model stop study.scrit local");
    setAction(*command, session, [&session, arguments] { return serve(session, *arguments); });

    const auto stopping = std::make_shared<ServeArguments>();
    CLI::App* ending = group.add_subcommand("stop", "Stop a server that scrit model serve started");
    addWorkspace(*ending, stopping->workspace);
    ending->add_option("name", stopping->name, "The model")->type_name("NAME")->required();
    addQuiet(*ending, session);
    ending->footer("Never stops anything else: the process must be the one that was noted.\n"
                   "\n"
                   "Examples:\n"
                   "  scrit model stop study.scrit local");
    setAction(*ending, session, [&session, stopping] { return stop(session, *stopping); });
}

} // namespace scrit::cli
