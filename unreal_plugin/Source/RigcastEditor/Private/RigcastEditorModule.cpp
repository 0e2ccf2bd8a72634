#include "Modules/ModuleManager.h"
#include "PropertyEditorModule.h"
#include "RigcastLiveLinkSourceFactory.h"
#include "RigcastSessionDetails.h"
#include "SRigcastPanel.h"

namespace
{
	const TCHAR* const PROPERTY_EDITOR = TEXT("PropertyEditor");
	const TCHAR* const SESSION = TEXT("RigcastSessionComponent");
}

/** Lends the Runtime module's factory its panel, and the session component its details. */
class FRigcastEditorModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		URigcastLiveLinkSourceFactory::PanelBuilder().BindLambda([](FRigcastAddressChosen Chosen) -> TSharedRef<SWidget>
		{
			return SNew(SRigcastPanel).OnChosen(Chosen);
		});
		FPropertyEditorModule& Editor = FModuleManager::LoadModuleChecked<FPropertyEditorModule>(PROPERTY_EDITOR);
		Editor.RegisterCustomClassLayout(SESSION, FOnGetDetailCustomizationInstance::CreateStatic(&FRigcastSessionDetails::MakeInstance));
		Editor.NotifyCustomizationModuleChanged();
	}

	virtual void ShutdownModule() override
	{
		URigcastLiveLinkSourceFactory::PanelBuilder().Unbind();
		if (FPropertyEditorModule* Editor = FModuleManager::GetModulePtr<FPropertyEditorModule>(PROPERTY_EDITOR))
		{
			Editor->UnregisterCustomClassLayout(SESSION);
		}
	}
};

IMPLEMENT_MODULE(FRigcastEditorModule, RigcastEditor)
