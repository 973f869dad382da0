// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/evolution_values.h"

#include <QString>

namespace scrit::ui::pages {

// "scrit evolve W.scrit …" that asks for the same as a form, quoted for a shell. Pure.
[[nodiscard]] QString evolveCommand(const QString& workspace, const models::EvolutionForm& form);

} // namespace scrit::ui::pages
