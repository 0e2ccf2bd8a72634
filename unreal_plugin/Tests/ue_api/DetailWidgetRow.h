#pragma once

#include "Widgets/SWidget.h"

class FDetailWidgetRow;

/** FDetailWidgetDecl */
class FDetailWidgetDecl
{
public:
	FDetailWidgetRow& operator[](TSharedRef<SWidget> InWidget);
};

/** FDetailWidgetRow */
class FDetailWidgetRow
{
public:
	FDetailWidgetDecl& NameContent();
	FDetailWidgetDecl& ValueContent();
};
