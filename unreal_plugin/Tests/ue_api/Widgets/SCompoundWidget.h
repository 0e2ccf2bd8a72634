#pragma once

#include "Widgets/SWidget.h"

/** SCompoundWidget */
class SCompoundWidget : public SWidget
{
protected:
	struct FSlot
	{
		FSlot& operator[](const TSharedRef<SWidget>& Child);
	} ChildSlot;
};
