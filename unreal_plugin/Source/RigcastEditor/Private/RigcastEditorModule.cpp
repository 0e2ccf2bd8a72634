#include "Modules/ModuleManager.h"
#include "RigcastLiveLinkSourceFactory.h"
#include "SRigcastPanel.h"

/** Lends the Runtime module's factory its panel. */
class FRigcastEditorModule : public IModuleInterface
{
public:
	virtual void StartupModule() override
	{
		URigcastLiveLinkSourceFactory::PanelBuilder().BindLambda([](FRigcastAddressChosen Chosen) -> TSharedRef<SWidget>
		{
			return SNew(SRigcastPanel).OnChosen(Chosen);
		});
	}

	virtual void ShutdownModule() override
	{
		URigcastLiveLinkSourceFactory::PanelBuilder().Unbind();
	}
};

IMPLEMENT_MODULE(FRigcastEditorModule, RigcastEditor)
