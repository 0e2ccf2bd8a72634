#pragma once

#include "CoreMinimal.h"
#include "LiveLinkSourceFactory.h"
#include "RigcastAddress.h"

#include "RigcastLiveLinkSourceFactory.generated.h"

class SWidget;

DECLARE_DELEGATE_OneParam(FRigcastAddressChosen, const FRigcastAddress&);
DECLARE_DELEGATE_RetVal_OneParam(TSharedRef<SWidget>, FRigcastPanelBuilder, FRigcastAddressChosen);

/** Makes sources, in the editor by a panel and in packaged games from presets; so it is in the Runtime module. */
UCLASS()
class RIGCAST_API URigcastLiveLinkSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
	// ULiveLinkSourceFactory
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
	virtual EMenuType GetMenuType() const override;
	virtual TSharedPtr<SWidget> BuildCreationPanel(FOnLiveLinkSourceCreated OnLiveLinkSourceCreated) const override;
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;

	/** The editor module sets this. Game thread. */
	static FRigcastPanelBuilder& PanelBuilder();
};
