// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/settings/settings_page.h"

#include "ui/render/math_typesetter.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QThreadPool>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace scrit::ui::pages {

namespace {

using namespace widgets;

constexpr int kScaleStep = 10;
constexpr int kWidest = 760; // lines longer than this are hard to follow

qint64 sizeOf(const QString& folder) {
    qint64 size = 0;
    QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        size += files.fileInfo().size();
    }
    return size;
}

QWidget* section(const QString& title, QWidget* content, QWidget* parent) {
    auto* box = new QWidget(parent);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, space::kTwo);
    QLabel* label = plainLabel(title, box);
    label->setFont(Theme::current().headingFont(1.1));
    layout->addWidget(label);
    content->setParent(box);
    layout->addWidget(content);
    return box;
}

QHBoxLayout* setting(const QString& name, QWidget* parent) {
    auto* row = new QHBoxLayout;
    row->setSpacing(space::kOne);
    QLabel* label = plainLabel(name, parent);
    label->setFixedWidth(160);
    row->addWidget(label);
    return row;
}

} // namespace

SettingsPage::SettingsPage(PageContext& pageContext, QWidget* parent) : Page(pageContext, parent) {
    m_refill.setSingleShot(true);
    m_refill.setInterval(0);
    connect(&m_refill, &QTimer::timeout, this, &SettingsPage::fillKeys);
    connect(&context().commands, &CommandRegistry::added, this, [this] {
        if (isVisible()) { // else activated() does it
            m_refill.start();
        }
    });
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    auto* body = new QWidget(scroll);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    auto* centred = new QHBoxLayout(body);
    centred->setContentsMargins(space::kThree, space::kThree, space::kThree, space::kThree);
    auto* column = new QWidget(body);
    column->setMaximumWidth(kWidest);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(section(tr("Appearance"), appearance(), column));
    layout->addWidget(section(tr("Keys"), keys(), column));
    layout->addWidget(section(tr("Data"), data(), column));
    layout->addWidget(section(tr("About"), about(), column));
    layout->addStretch();
    centred->addWidget(column, 1);
    centred->addStretch(0);
    scroll->setWidget(body);
}

QWidget* SettingsPage::appearance() {
    auto* box = new QWidget(this);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    QHBoxLayout* theme = setting(tr("Theme"), box);
    m_theme = new Segmented({tr("System"), tr("Light"), tr("Dark")}, box);
    m_theme->setAccessibleName(tr("Theme"));
    theme->addWidget(m_theme);
    theme->addStretch();
    layout->addLayout(theme);
    connect(m_theme, &Segmented::chosen, this, [this](int index) {
        context().theme.setChoice(static_cast<ThemeChoice>(index));
        context().settings.setValue(QStringLiteral("theme"), themeName(context().theme.choice()));
    });
    QHBoxLayout* size = setting(tr("Size of what is read"), box);
    m_scale = plainLabel({}, box);
    m_scale->setMinimumWidth(48);
    m_scale->setAlignment(Qt::AlignCenter);
    for (const int step : {-kScaleStep, kScaleStep}) {
        auto* button = new QPushButton(step < 0 ? QStringLiteral("−") : QStringLiteral("+"), box);
        button->setFixedWidth(36);
        button->setAccessibleName(step < 0 ? tr("Smaller text") : tr("Larger text"));
        if (step > 0) {
            size->addWidget(m_scale);
        }
        size->addWidget(button);
        connect(button, &QPushButton::clicked, this,
                [this, step] { context().theme.setTextScale(context().theme.textScale() + step); });
    }
    size->addStretch();
    layout->addLayout(size);
    connect(&context().theme, &Theme::changed, this, &SettingsPage::activated);
    return box;
}

QWidget* SettingsPage::keys() {
    auto* box = new QWidget(this);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::kOne);
    auto* row = new QHBoxLayout;
    auto* search = new QLineEdit(box);
    search->setPlaceholderText(tr("Find a command"));
    search->setAccessibleName(tr("Find a command"));
    auto* reset = new QPushButton(tr("Reset selected"), box);
    auto* resetAll = new QPushButton(tr("Reset all"), box);
    row->addWidget(search, 1);
    row->addWidget(reset);
    row->addWidget(resetAll);
    layout->addLayout(row);
    m_keys = new QTreeWidget(box);
    m_keys->setColumnCount(3);
    m_keys->setHeaderLabels({tr("Command"), tr("Place"), tr("Keys")});
    m_keys->setRootIsDecorated(false);
    m_keys->setUniformRowHeights(true);
    m_keys->setMinimumHeight(280);
    m_keys->setAccessibleName(tr("Commands and their keys"));
    m_keys->header()->resizeSection(0, 320);
    m_keys->header()->resizeSection(1, 120);
    layout->addWidget(m_keys);
    m_conflict = mutedLabel(tr("Enter or double-click a row, then press the new keys; Backspace "
                               "removes them."),
                            box);
    layout->addWidget(m_conflict);
    connect(search, &QLineEdit::textChanged, this, &SettingsPage::filterKeys);
    connect(m_keys, &QTreeWidget::itemActivated, this,
            [this](QTreeWidgetItem* item) { editKey(item); });
    connect(reset, &QPushButton::clicked, this, [this] {
        if (const QTreeWidgetItem* item = m_keys->currentItem()) {
            context().commands.resetKeys(item->data(0, Qt::UserRole).toString());
            context().commands.save(context().settings);
            fillKeys();
        }
    });
    connect(resetAll, &QPushButton::clicked, this, [this] {
        QStringList ids;
        for (const Command& command : context().commands.commands()) {
            ids << command.id;
        }
        for (const QString& id : ids) {
            context().commands.resetKeys(id);
        }
        context().commands.save(context().settings);
        fillKeys();
    });
    return box;
}

void SettingsPage::fillKeys() {
    const QString current = m_keys->currentItem() == nullptr
                                ? QString()
                                : m_keys->currentItem()->data(0, Qt::UserRole).toString();
    m_keys->clear();
    for (const Command& command : context().commands.commands()) {
        auto* item = new QTreeWidgetItem(m_keys);
        item->setText(0, command.action->text());
        item->setText(1, command.category);
        item->setText(2, CommandRegistry::keyText(command.action));
        item->setData(0, Qt::UserRole, command.id);
        if (command.action->shortcuts() != command.defaults) {
            QFont strong = item->font(2);
            strong.setWeight(QFont::DemiBold);
            item->setFont(2, strong);
            item->setToolTip(2, tr("Changed"));
        }
        if (command.id == current) {
            m_keys->setCurrentItem(item);
        }
    }
    filterKeys(m_pattern);
}

void SettingsPage::filterKeys(const QString& pattern) {
    m_pattern = pattern;
    for (int i = 0; i < m_keys->topLevelItemCount(); ++i) {
        QTreeWidgetItem* item = m_keys->topLevelItem(i);
        const QString words =
            item->text(0) + QLatin1Char(' ') + item->text(1) + QLatin1Char(' ') + item->text(2);
        item->setHidden(!words.contains(pattern, Qt::CaseInsensitive));
    }
}

void SettingsPage::editKey(QTreeWidgetItem* item) {
    const QString id = item->data(0, Qt::UserRole).toString();
    auto* edit = new QKeySequenceEdit(m_keys);
    m_keys->setItemWidget(item, 2, edit);
    edit->setFocus();
    connect(edit, &QKeySequenceEdit::editingFinished, this, [this, edit, id, item] {
        // A sequence of several chords has no place here: the first one counts.
        const QKeySequence key =
            edit->keySequence().isEmpty() ? QKeySequence() : QKeySequence(edit->keySequence()[0]);
        CommandRegistry& commands = context().commands;
        const bool removes = key == QKeySequence(Qt::Key_Backspace);
        const Command* other = removes ? nullptr : commands.conflict(id, key);
        if (other != nullptr) {
            m_conflict->setText(tr("%1 belongs to “%2” (%3). Change that one first.")
                                    .arg(key.toString(QKeySequence::NativeText),
                                         other->action->text(), other->category));
        } else if (!key.isEmpty()) {
            commands.setKeys(id, removes ? QList<QKeySequence>() : QList<QKeySequence>{key});
            commands.save(context().settings);
            m_conflict->setText(tr("Saved."));
        }
        item->setText(2, CommandRegistry::keyText(commands.action(id)));
        QMetaObject::invokeMethod(
            this,
            [this, item = QPointer<QKeySequenceEdit>(edit)] {
                if (item) {
                    m_keys->setFocus();
                    fillKeys();
                }
            },
            Qt::QueuedConnection);
    });
}

QWidget* SettingsPage::data() {
    auto* box = new QWidget(this);
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    QHBoxLayout* cache = setting(tr("Typeset formulas"), box);
    m_cache = plainLabel({}, box);
    m_cache->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_cache->setWordWrap(true);
    auto* clear = new QPushButton(tr("Clear"), box);
    clear->setToolTip(tr("Deletes the cache; formulas are typeset again when they are read"));
    cache->addWidget(m_cache, 1);
    cache->addWidget(clear);
    layout->addLayout(cache);
    connect(clear, &QPushButton::clicked, this, [this] {
        m_cache->setText(tr("Clearing…"));
        QPointer<SettingsPage> self(this);
        const QString folder = context().typesetter.cacheFolder();
        QThreadPool::globalInstance()->start([self, folder] {
            QDir(folder).removeRecursively();
            QMetaObject::invokeMethod(QCoreApplication::instance(), [self] {
                if (self) {
                    self->measureCache();
                }
            });
        });
    });
    QHBoxLayout* place = setting(tr("Settings file"), box);
    QLabel* path = plainLabel(context().settings.fileName(), box);
    path->setTextInteractionFlags(Qt::TextSelectableByMouse);
    path->setWordWrap(true);
    place->addWidget(path, 1);
    layout->addLayout(place);
    return box;
}

void SettingsPage::measureCache() {
    QPointer<SettingsPage> self(this);
    const QString folder = context().typesetter.cacheFolder();
    QThreadPool::globalInstance()->start([self, folder] {
        const qint64 bytes = sizeOf(folder);
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, folder, bytes] {
            if (self) {
                self->m_cache->setText(QLocale().formattedDataSize(bytes) +
                                       QStringLiteral("  ·  ") + folder);
            }
        });
    });
}

QWidget* SettingsPage::about() {
    QLabel* label = plainLabel(
        tr("Scrit Studio %1\n"
           "Free software under the GNU General Public License, version 3 or later. It comes with "
           "no warranty.\n\n"
           "Built on Qt %2, SQLite, SQLiteCpp, nlohmann/json, GiNaC, CLN, GMP, spdlog, "
           "tl::expected, "
           "zstd, zlib, xxHash, OpenSSL, libcurl, QtKeychain and MathJax. Only the servers "
           "that you add under Models are contacted.")
            .arg(QCoreApplication::applicationVersion(), QString::fromLatin1(qVersion())),
        this);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

void SettingsPage::activated() {
    m_theme->setCurrent(static_cast<int>(context().theme.choice()));
    m_scale->setText(QString::number(context().theme.textScale()) + QStringLiteral(" %"));
    context().makePages(); // each has commands with keys: they come one after the other
    if (m_keys->topLevelItemCount() != context().commands.commands().size()) {
        fillKeys();
    }
    measureCache();
}

} // namespace scrit::ui::pages
