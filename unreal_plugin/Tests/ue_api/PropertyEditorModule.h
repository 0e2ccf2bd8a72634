#pragma once

#include "IDetailCustomization.h"
#include "Modules/ModuleManager.h"

using FOnGetDetailCustomizationInstance = TDelegate<TSharedRef<IDetailCustomization>>;

/** FPropertyEditorModule */
class FPropertyEditorModule : public IModuleInterface
{
public:
	virtual void RegisterCustomClassLayout(FName ClassName, FOnGetDetailCustomizationInstance DetailLayoutDelegate);
	virtual void UnregisterCustomClassLayout(FName ClassName);
	void NotifyCustomizationModuleChanged();
};
