// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/keychain.h"

#include "ui/models/translated.h"

#include <QMetaObject>

#ifdef SCRIT_HAVE_KEYCHAIN
#include <qt6keychain/keychain.h>
#endif

#include <utility>

namespace scrit::ui::bridge {

namespace {

#ifdef SCRIT_HAVE_KEYCHAIN

// What the desktop shows as the owner of the entries.
QString service() {
    return QStringLiteral("scrit-studio");
}

class SystemKeychain final : public Keychain {
public:
    void read(const QString& entry, Done done) override {
        auto* job = new QKeychain::ReadPasswordJob(service(), &m_context);
        job->setKey(entry);
        QObject::connect(job, &QKeychain::Job::finished, &m_context, [job, done = std::move(done)] {
            Answer answer = answerOf(*job);
            if (answer.outcome == Outcome::Done) {
                answer.secret = job->textData();
            }
            done(answer);
        });
        job->start();
    }

    void write(const QString& entry, const QString& secret, Done done) override {
        auto* job = new QKeychain::WritePasswordJob(service(), &m_context);
        job->setKey(entry);
        job->setTextData(secret);
        QObject::connect(job, &QKeychain::Job::finished, &m_context,
                         [job, done = std::move(done)] { done(answerOf(*job)); });
        job->start();
    }

private:
    static Answer answerOf(const QKeychain::Job& job) {
        switch (job.error()) {
        case QKeychain::NoError:
            return {Outcome::Done, {}, {}};
        case QKeychain::EntryNotFound:
            return {Outcome::NotFound, {}, {}};
        case QKeychain::AccessDenied:
        case QKeychain::AccessDeniedByUser:
            return {Outcome::Denied, {}, job.errorString()};
        default:
            return {Outcome::Unavailable, {}, job.errorString()};
        }
    }

    QObject m_context; // jobs and their answers end with it
};

#else

class NoKeychain final : public Keychain {
public:
    void read(const QString&, Done done) override { refuse(std::move(done)); }
    void write(const QString&, const QString&, Done done) override { refuse(std::move(done)); }

private:
    void refuse(Done done) {
        QMetaObject::invokeMethod(
            &m_context,
            [done = std::move(done)] {
                done({Outcome::Unavailable, {}, tr("this build has no keychain support")});
            },
            Qt::QueuedConnection);
    }
    QObject m_context;
};

#endif

} // namespace

std::unique_ptr<Keychain> systemKeychain() {
#ifdef SCRIT_HAVE_KEYCHAIN
    return std::make_unique<SystemKeychain>();
#else
    return std::make_unique<NoKeychain>();
#endif
}

QString keychainProblem(const QString& entry, const Keychain::Answer& answer) {
    switch (answer.outcome) {
    case Keychain::Outcome::Done:
        return {};
    case Keychain::Outcome::NotFound:
        return tr("The keychain has no entry “%1”. Type the key once more, or name an environment "
                  "variable instead.")
            .arg(entry);
    case Keychain::Outcome::Denied:
        return tr("The keychain refused access to “%1”. Unlock it and try again, or name an "
                  "environment variable instead.")
            .arg(entry);
    case Keychain::Outcome::Unavailable:
        break;
    }
    const QString why = answer.problem.isEmpty()
                            ? QString()
                            : QStringLiteral(" (") + answer.problem + QLatin1Char(')');
    return tr("No keychain service answers on this desktop%1. Put the key into an environment "
              "variable and name that variable here.")
        .arg(why);
}

} // namespace scrit::ui::bridge
