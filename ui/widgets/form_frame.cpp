// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/form_frame.h"

#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace scrit::ui::widgets {

namespace {

constexpr int kSideBySide = 820; // narrower than this, the preview goes below the rows

} // namespace

QPushButton* commandButton(QAction* action, QWidget* parent, bool primary) {
    auto* button = new QPushButton(parent);
    button->setProperty("primary", primary);
    const auto follow = [button, action] {
        button->setText(action->text());
        button->setToolTip(action->toolTip());
        button->setEnabled(action->isEnabled());
        button->setVisible(action->isVisible());
    };
    follow();
    QObject::connect(action, &QAction::changed, button, follow);
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

QVBoxLayout* panelColumn(QFrame* panel) {
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(space::kTwo, space::kTwo, space::kTwo, space::kTwo);
    column->setSpacing(space::kOne);
    return column;
}

QVBoxLayout* scrollColumn(QWidget* owner) {
    auto* scroll = new QScrollArea(owner);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* body = new QWidget(scroll);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kThree);
    column->setSpacing(space::kTwo);
    scroll->setWidget(body);
    auto* outer = new QVBoxLayout(owner);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(scroll);
    return column;
}

PageHead::PageHead(QWidget* parent)
    : QWidget(parent), m_title(new ElidedLabel(this)), m_state(new Chip(this)),
      m_line(new QHBoxLayout), m_column(new QVBoxLayout(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(space::kOne);
    m_line->setSpacing(space::kOne);
    m_title->setFont(Theme::current().headingFont(1.25));
    m_title->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_line->addWidget(m_title);
    m_line->addWidget(m_state);
    m_line->addStretch();
    m_column->addLayout(m_line);
}

void PageHead::setTitle(const QString& title) {
    m_title->setFullText(title);
}

QString PageHead::text() const {
    return m_title->fullText() + QLatin1Char(' ') + m_state->text();
}

void PageHead::addButton(QAction* action, bool primary) {
    m_line->addWidget(commandButton(action, this, primary));
}

void PageHead::addBelow(QWidget* widget) {
    m_column->addWidget(widget);
}

FormFrame::FormFrame(const QString& title, const QString& previewTitle, QAction* go,
                     QWidget* parent)
    : QWidget(parent), m_go(go) {
    parent->installEventFilter(this);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    auto* body = new QWidget(scroll);
    m_columns = new QBoxLayout(QBoxLayout::LeftToRight, body);
    m_columns->setContentsMargins(space::kThree, space::kTwo, space::kThree, space::kThree);
    m_columns->setSpacing(space::kThree);
    m_columns->addWidget(buildFields(title), 1);
    m_columns->addWidget(buildSide(previewTitle), 1);
    scroll->setWidget(body);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(scroll, 1);
    outer->addWidget(buildFooter());
}

QWidget* FormFrame::buildFields(const QString& title) {
    auto* box = new QWidget(this);
    auto* column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(space::kTwo);
    m_title = headingLabel(title, box, 1.25);
    column->addWidget(m_title);
    m_intro = plainLabel({}, box);
    m_intro->setWordWrap(true);
    m_intro->setProperty("muted", true);
    m_intro->hide();
    column->addWidget(m_intro);
    m_grid = new FormGrid(box);
    column->addWidget(m_grid);
    column->addStretch();
    return box;
}

QWidget* FormFrame::buildSide(const QString& title) {
    auto* side = new QWidget(this);
    m_side = new QVBoxLayout(side);
    m_side->setContentsMargins(0, 0, 0, 0);
    m_side->setSpacing(space::kTwo);
    QFrame* panel = panelFrame(side);
    m_preview = panelColumn(panel);
    auto* head = new QHBoxLayout;
    head->addWidget(headingLabel(title, panel), 1);
    m_previewState = mutedLabel({}, panel);
    head->addWidget(m_previewState);
    m_preview->addLayout(head);
    m_side->addWidget(panel);
    m_side->addStretch();
    return side;
}

QWidget* FormFrame::buildFooter() {
    auto* footer = new QFrame(this);
    footer->setObjectName(QStringLiteral("strip"));
    auto* column = new QVBoxLayout(footer);
    column->setContentsMargins(space::kThree, space::kOne, space::kThree, space::kOne);
    column->setSpacing(space::kHalf);
    m_trouble = plainLabel({}, footer);
    m_trouble->setWordWrap(true);
    m_trouble->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setTone(*m_trouble, Tone::Problem);
    m_trouble->hide();
    column->addWidget(m_trouble);
    auto* line = new QHBoxLayout;
    line->setSpacing(space::kOne);
    m_why = new ElidedLabel(footer);
    setTone(*m_why, Tone::Muted);
    line->addWidget(m_why, 1);
    m_cancel = new QPushButton(tr("Cancel"), footer);
    m_cancel->setToolTip(tr("Back to where you were  (Esc)"));
    connect(m_cancel, &QPushButton::clicked, this, &FormFrame::cancelled);
    m_goButton = commandButton(m_go, footer, true);
    // The reason is more use than the key while it cannot start.
    connect(m_go, &QAction::changed, this, [this] { setProblem(m_why->fullText()); });
    line->addWidget(m_cancel);
    line->addWidget(m_goButton);
    column->addLayout(line);
    return footer;
}

void FormFrame::setShares(int fields, int preview) {
    m_columns->setStretch(0, fields);
    m_columns->setStretch(1, preview);
}

void FormFrame::setTitle(const QString& title) {
    m_title->setText(title);
}

void FormFrame::setIntro(const QString& words) {
    m_intro->setText(words);
    m_intro->setVisible(!words.isEmpty());
}

void FormFrame::addBesidePreview(QWidget* widget) {
    m_side->insertWidget(m_side->count() - 1, widget);
}

void FormFrame::setPreviewState(const QString& words) {
    m_previewState->setText(words);
}

void FormFrame::setProblem(const QString& problem) {
    m_why->setFullText(problem);
    if (m_asked) { // what was answered is out of date
        m_asked = false;
        hideTrouble();
    }
    m_goButton->setToolTip(problem.isEmpty() ? m_go->toolTip() : problem.toHtmlEscaped());
}

void FormFrame::setCancellable(bool cancellable) {
    m_cancel->setVisible(cancellable);
}

void FormFrame::showTrouble(const models::Trouble& trouble) {
    m_trouble->setText(QStringLiteral("✗ ") + troubleText(trouble));
    m_trouble->show();
}

void FormFrame::hideTrouble() {
    m_trouble->hide();
}

// Pressed while it cannot start: says why.
void FormFrame::explain() {
    models::Trouble trouble;
    trouble.message = m_why->fullText().isEmpty() ? tr("It is still being counted what this does")
                                                  : m_why->fullText();
    showTrouble(trouble);
    m_asked = true;
}

// The form around the frame may have the focus itself.
bool FormFrame::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::KeyPress) {
        event->ignore();
        keyPressEvent(static_cast<QKeyEvent*>(event));
        if (event->isAccepted()) {
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void FormFrame::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    m_columns->setDirection(width() < kSideBySide ? QBoxLayout::TopToBottom
                                                  : QBoxLayout::LeftToRight);
}

void FormFrame::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape && !m_cancel->isHidden()) {
        event->accept();
        Q_EMIT cancelled();
        return;
    }
    // The key of an action that is disabled comes here.
    if (!m_go->isEnabled() && m_go->shortcuts().contains(QKeySequence(event->keyCombination()))) {
        event->accept();
        explain();
        return;
    }
    QWidget::keyPressEvent(event);
}

QString troubleText(const QString& message, const QString& advice) {
    return advice.isEmpty() ? message : message + QStringLiteral(": ") + advice;
}

QString troubleText(const models::Trouble& trouble) {
    return troubleText(trouble.message, trouble.advice);
}

} // namespace scrit::ui::widgets
