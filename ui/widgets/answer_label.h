// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/render/math_line.h"

#include <QWidget>

#include <string>

class QLabel;

namespace scrit::ui::widgets {

// A final answer: typeset where it is TeX and the formula fits, else the text, with the verdict's
// mark before it. The tooltip has the text as it is stored. UI thread.
class AnswerLabel final : public QWidget {
    Q_OBJECT
public:
    explicit AnswerLabel(render::MathTypesetter* typesetter, QWidget* parent = nullptr);
    void setAnswer(const std::string& answer, models::Mark mark);
    // Mark and text, whatever is drawn.
    [[nodiscard]] QString text() const;
    // True when the formula is what is drawn.
    [[nodiscard]] bool isTypeset() const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();
    [[nodiscard]] QString markPrefix() const;

    render::MathLine m_formula;
    QLabel* m_words; // what is shown while there is no formula
    QString m_text;
    models::Mark m_mark = models::Mark::None;
};

} // namespace scrit::ui::widgets
