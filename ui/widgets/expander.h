// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

#include <string>

class QToolButton;

namespace scrit::ui::render {
class MathTypesetter;
class RichTextView;
} // namespace scrit::ui::render

namespace scrit::ui::widgets {

// A heading with an arrow that opens a longer text. The text is laid out when it is first looked
// at, so that a closed one costs nothing; it has no scroll bar of its own. UI thread.
class Expander final : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Markdown, Plain };
    Expander(const QString& title, Kind kind, render::MathTypesetter* typesetter,
             QWidget* parent = nullptr);
    void setText(std::string utf8);
    [[nodiscard]] const std::string& text() const { return m_text; }
    void setOpen(bool open);
    [[nodiscard]] bool isOpen() const { return m_open; }
    // The text, laid out; made when first asked for.
    [[nodiscard]] render::RichTextView& view();
    void restyle();

private:
    void scrollIntoSight();

    QToolButton* m_head;
    render::MathTypesetter* m_typesetter;
    render::RichTextView* m_view = nullptr;
    Kind m_kind;
    std::string m_text;
    bool m_stale = true;
    bool m_open = false;
};

} // namespace scrit::ui::widgets
